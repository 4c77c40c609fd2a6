/// Why the street can't run: what failed, where, and what to do.
package struct StreetError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
