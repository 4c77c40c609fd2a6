/// The version of this build, the same in every executable and reply.
public enum HeliographVersion {
  public static let text = "0.1.0"
}
