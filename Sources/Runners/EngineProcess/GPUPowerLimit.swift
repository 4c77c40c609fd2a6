import Quantities

/// The power limit of an NVIDIA graphics card: the gentlest way to take less while a cloud passes.
///
/// Setting it needs root. A node that is not root starts `heliograph-gpu-power@WATTS.service`, as
/// its polkit rule allows; one that is runs `nvidia-smi` itself. Each call blocks its thread, as a
/// rule for a second, at most for three quarters of a minute. Several cards all get the same limit,
/// within what each allows.
public struct GPUPowerLimit: Sendable {
  /// What a card allows, and what is set now.
  public struct Range: Hashable, Sendable {
    public var lowest: Power
    public var usual: Power
    public var present: Power
  }

  private let usesUnit: Bool
  private let root: String
  private let milliseconds: Int64

  /// - Parameters:
  ///   - usesUnit: whether the limit is set through the unit; false where this program is root.
  ///   - root: stands before the paths of the tools; empty on a real machine.
  public init(
    usesUnit: Bool, root: String = "", limits: EngineProcessLimits = EngineProcessLimits()
  ) {
    self.usesUnit = usesUnit
    self.root = root
    milliseconds = limits.startMilliseconds
  }

  /// Sets the limit to `power`, but to no less than the card allows and no more than is usual for
  /// it; returns what the card then says. Whole watts, rounded down.
  @discardableResult
  public func set(_ power: Power) throws(RunnerError) -> Power {
    let range = try range()
    let lowest = (range.lowest.milliwatts + 999) / 1000
    let usual = range.usual.milliwatts / 1000
    let watts = min(max(power.milliwatts / 1000, lowest), usual)
    guard (1...9999).contains(watts) else {
      throw RunnerError(.system, "the graphics card says it may have \(usual) W: nothing was set")
    }
    let run: ToolRun
    if usesUnit {
      run = try ToolRun(
        "systemctl", ["--no-ask-password", "start", "heliograph-gpu-power@\(watts).service"],
        root: root, milliseconds: milliseconds)
    } else {
      run = try ToolRun(
        "nvidia-smi", ["--power-limit=\(watts)"], root: root, milliseconds: milliseconds)
    }
    guard run.isGood else {
      throw RunnerError(.system, "the power limit could not be set to \(watts) W: \(run.words)")
    }
    let present = try self.range().present
    guard present == Power(watts: watts) else {
      throw RunnerError(
        .system, "the power limit is \(present.watts) W, though \(watts) W were set")
    }
    return present
  }

  /// Gives the card back the limit that is usual for it.
  @discardableResult
  public func reset() throws(RunnerError) -> Power { try set(range().usual) }

  /// What the cards say; of several the narrowest.
  public func range() throws(RunnerError) -> Range {
    let fields = "power.min_limit,power.default_limit,power.limit"
    let run = try ToolRun(
      "nvidia-smi", ["--query-gpu=\(fields)", "--format=csv,noheader,nounits"], root: root,
      milliseconds: milliseconds)
    guard run.isGood else {
      throw RunnerError(.system, "nvidia-smi does not tell the power limit: \(run.words)")
    }
    let cards = run.output.split(separator: "\n").map(Self.powers)
    guard let first = cards.first, cards.allSatisfy({ $0.count == 3 }) else {
      throw RunnerError(
        .system, "this graphics card has no power limit that can be set: \(run.words)")
    }
    var range = Range(lowest: first[0], usual: first[1], present: first[2])
    for card in cards.dropFirst() {
      range.lowest = max(range.lowest, card[0])
      range.usual = min(range.usual, card[1])
      range.present = max(range.present, card[2])
    }
    return range
  }

  /// "100.00, 450.00, 450.00" in watts; fewer for "[N/A]".
  private static func powers(_ line: Substring) -> [Power] {
    line.split(separator: ",").compactMap { word in
      let text = word.drop { $0 == " " }
      guard let watts = Double(text), watts > 0, watts < 10_000 else { return nil }
      return Power(milliwatts: Int64((watts * 1000).rounded()))
    }
  }
}
