import Sites

/// What is wrong with a configuration file: its line, field and remedy.
public typealias ConfigurationError = JSON5Error

/// Takes the fields of one object out of a configuration file, each once, and refuses the rest.
typealias ConfigurationReader = JSON5Reader
