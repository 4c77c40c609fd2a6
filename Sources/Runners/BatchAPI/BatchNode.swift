import HeliographCore
import Planning
import Quantities
import Texting

/// What the Batch API and the watched folder ask of the node around them.
///
/// Nothing here may wait: answers come later, on any thread, and must be taken quickly.
public protocol BatchNode: Sendable {
  /// Now, by the node's clock.
  func now() -> Instant

  /// What the engine calls its model; nil while it is not there.
  var model: String? { get }

  /// Asks for the jobs that the queue remembers; false when the node is too busy for the question.
  func jobs(_ answer: @escaping @Sendable ([JobReport]) -> Void) -> Bool

  /// Asks what ended jobs came to; false when the node is too busy for the question.
  func account(_ answer: @escaping @Sendable (JobAccount) -> Void) -> Bool

  /// Checks and copies a batch file, one after another, beside everything else.
  func stage(
    _ request: BatchRequest, terms: BatchTerms,
    _ answer: @escaping @Sendable (Result<StagedBatch, RunnerError>) -> Void)

  /// Removes a staged batch that no job came of; one that has results stays.
  func discard(folder: String)

  /// Puts a staged batch before the queue; false when the node is too busy to take it.
  ///
  /// The answer tells in words what became of it, once it is stored; nil when none came in time,
  /// and it may still be taken.
  func submit(_ batch: StagedBatch, _ answer: @escaping @Sendable (String?) -> Void) -> Bool

  /// Takes a job back.
  func cancel(_ job: JobNumber)

  /// A line for the journal.
  func say(_ line: String)
}
