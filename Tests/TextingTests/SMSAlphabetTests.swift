import Testing
import Texting

@Suite("SMSAlphabet")
struct SMSAlphabetTests {
  @Test(
    "counts septets, two for what needs the escape, none outside the alphabet",
    arguments: [
      ("", 0), ("STATUS", 6), ("é@£Ω\n", 5), ("{}[]~\\|^€", 18), ("a€b", 4), ("5 °C", nil),
      ("“hi”", nil), ("日", nil), ("`", nil),
    ] as [(String, Int?)])
  func counts(text: String, expected: Int?) {
    #expect(SMSAlphabet.septets(of: text) == expected)
  }

  @Test(
    "spells what is outside in ASCII",
    arguments: [
      ("“Mara’s” café…", "\"Mara's\" café..."), ("25 °C – ok", "25 degC - ok"),
      ("日本", "??"), ("e\u{301}t", "et"), ("Žižek", "Zizek"), ("a\u{FE0F}b", "ab"),
    ])
  func spells(text: String, expected: String) {
    #expect(SMSAlphabet.spelled(text).hasPrefix(expected))
    #expect(SMSAlphabet.septets(of: SMSAlphabet.spelled(text)) != nil)
  }

  @Test("leaves alone what fits to the last septet")
  func fits() {
    let full = String(repeating: "a", count: 158) + "€"
    #expect(SMSAlphabet.fitted(full) == full)
  }

  @Test("cuts after a whole word and says so")
  func cutsAtWord() {
    let text = String(repeating: "word ", count: 60)
    let cut = SMSAlphabet.fitted(text)
    #expect(cut.hasSuffix("word..."))
    #expect((SMSAlphabet.septets(of: cut) ?? 999) <= 160)
    #expect(SMSAlphabet.fitted("abcdefghi jklmno", septets: 14) == "abcdefghi...")
  }

  @Test("cuts one endless word, and never inside a two-septet character")
  func cutsEndlessWord() {
    let cut = SMSAlphabet.fitted(String(repeating: "€", count: 200))
    #expect(cut == String(repeating: "€", count: 78) + "...")
    let other = SMSAlphabet.fitted("a" + String(repeating: "€", count: 200))
    #expect(SMSAlphabet.septets(of: other) == 160)
  }
}
