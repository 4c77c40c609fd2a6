/// Why the street can't run: what failed, where, and what to do.
struct StreetError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
