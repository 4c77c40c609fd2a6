import Testing
import Texting

@Suite("SMSAdmission")
struct SMSAdmissionTests {
  let admission = SMSAdmission(readers: ["+255 700-000 001", "0049 171 2345678", "KITCHEN", ""])

  @Test(
    "knows a listed number however it is written",
    arguments: ["+255700000001", "255700000001", "00255700000001", "+491712345678"])
  func admits(number: String) { #expect(admission.admits(number)) }

  @Test(
    "is silent to strangers",
    arguments: [
      "+255700000002", "700000001", "", "+", "KITCHEN", "OPERATOR", "12", "+255700000001x",
    ])
  func refuses(number: String) { #expect(!admission.admits(number)) }

  @Test("admits nobody when nobody is listed")
  func nobody() { #expect(!SMSAdmission(readers: []).admits("+255700000001")) }
}
