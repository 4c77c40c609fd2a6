/// Batch files as a village would write them, in the OpenAI Batch format: one request a line.
///
/// Source: OpenAI Batch API reference, "The request input object".
enum StreetQuestions {
  private static let crops = [
    "maize", "beans", "cassava", "sorghum", "tomatoes", "onions", "groundnuts", "sweet potatoes",
    "bananas", "millet",
  ]
  private static let farming = [
    "How deep and how far apart should I plant %?",
    "Which pests eat % and how do I see them early?",
    "How do I store % for six months without losing it?", "When is % ready for harvest?",
    "What grows well beside %?", "How much water does % need in a dry week?",
  ]
  private static let topics = [
    "photosynthesis", "fractions", "the water cycle", "magnets", "electric current", "levers",
    "the moon's phases", "percentages", "how vaccines work", "areas of triangles",
  ]
  private static let school = [
    "Explain % to a ten-year-old.", "Write three exercise questions about %, with answers.",
    "Give an example of % from a farm.", "Write a short poem about % for the class.",
    "Name a common mistake about % and correct it.", "Make a one-line summary of %.",
  ]
  private static let repairs = [
    "a bicycle chain that slips", "a pump that loses prime", "a radio with a dead battery",
    "a solar lamp that dims", "a leaking tap", "a sewing machine that skips stitches",
    "a lead-acid battery with low water", "a stove that smokes", "a phone that charges slowly",
    "a fence wire that sags",
  ]
  private static let workshop = [
    "What is the first thing to check on %?", "Which tools do I need to repair %?",
    "How do I tell the owner what is wrong with %?", "What spare part should I keep for %?",
    "How can % be prevented?", "Is it safe for me to repair % at home?",
  ]

  /// `count` requests, 1 to 60, for the engine's `model`.
  static func farming(_ count: Int, model: String) -> String {
    lines(farming, crops, name: "farming", count: count, model: model)
  }

  static func school(_ count: Int, model: String) -> String {
    lines(school, topics, name: "school", count: count, model: model)
  }

  static func workshop(_ count: Int, model: String) -> String {
    lines(workshop, repairs, name: "workshop", count: count, model: model)
  }

  private static func lines(
    _ questions: [String], _ subjects: [String], name: String, count: Int, model: String
  ) -> String {
    precondition((1...questions.count * subjects.count).contains(count))
    var output = ""
    for index in 0..<count {
      let question = questions[index / subjects.count].split(
        separator: "%", omittingEmptySubsequences: false
      ).joined(separator: subjects[index % subjects.count])
      output += """
        {"custom_id":"\(name)-\(index + 1)","method":"POST","url":"/v1/chat/completions",\
        "body":{"model":\(quoted(model)),"max_tokens":40,"messages":[\
        {"role":"system","content":"Answer in one or two short sentences."},\
        {"role":"user","content":\(quoted(question))}]}}

        """
    }
    return output
  }

  /// A JSON string (RFC 8259 §7).
  private static func quoted(_ text: String) -> String {
    var output = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case _ where scalar.value < 0x20: output += " "
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output + "\""
  }
}
