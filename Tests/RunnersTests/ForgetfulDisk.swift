import Glibc
import Runners
import Synchronization
import Testing

/// A disk that keeps only what it was told to keep: what a power cut leaves of a folder.
struct ForgetfulDisk {
  /// What a cut takes of that which nobody waited for.
  enum Loss: CaseIterable {
    case everything
    /// The names are new and the contents old, as on file systems that write names first.
    case contents
    case names
    /// Of the latest write to each file the second half.
    case halfOfTheLastWrite
    /// Of the latest write to each file the first half: a disk writes in any order.
    case beginningOfTheLastWrite
    /// As when the process alone dies.
    case nothing
  }

  private struct Content {
    var bytes: [UInt8] = []
    var kept: [UInt8] = []
    /// Without the second half of the latest write.
    var torn: [UInt8] = []
    /// Without the first half of it.
    var headless: [UInt8] = []

    mutating func settle() {
      torn = bytes
      headless = bytes
    }
  }

  /// What is there after a write; where nothing was before it there are zeros.
  private static func written(
    _ bytes: some Collection<UInt8>, at offset: Int, in content: [UInt8]
  ) -> [UInt8] {
    let gap = [UInt8](repeating: 0, count: max(0, offset - content.count))
    return content.prefix(offset) + gap + bytes + content.dropFirst(offset + bytes.count)
  }

  private var contents: [Content] = []
  private var names: [String: Int] = [:]
  private var keptNames: [String: Int] = [:]
  private var folders: [String] = []
  private var keptFolders: [String] = []

  mutating func take(_ step: DiskStep) {
    switch step {
    case .madeFolder(let path): folders.append(path)
    case .made(let file):
      names[file] = contents.count
      contents.append(Content())
    case .cut(let file, let length):
      change(file) { content in
        content.bytes = Array(content.bytes.prefix(Int(length)))
        content.settle()
      }
    case .wrote(let file, let offset, let bytes):
      change(file) { content in
        let before = content.bytes
        let (start, half) = (Int(offset), bytes.count / 2)
        content.bytes = Self.written(bytes, at: start, in: before)
        content.torn = Self.written(bytes.prefix(half), at: start, in: before)
        content.headless = Self.written(bytes.dropFirst(half), at: start + half, in: before)
      }
    case .kept(let file):
      change(file) { content in
        content.kept = content.bytes
        content.settle()
      }
    case .renamed(let old, let new): names[new] = names.removeValue(forKey: old)
    case .removed(let file): names[file] = nil
    case .keptNames(let folder):
      for name in Set(keptNames.keys).union(names.keys) where Self.parent(name) == folder {
        keptNames[name] = names[name]
      }
      keptFolders += folders.filter { Self.parent($0) == folder && !keptFolders.contains($0) }
    }
  }

  private mutating func change(_ file: String, _ body: (inout Content) -> Void) {
    guard let place = names[file] else {
      Issue.record("\(file) was never made")
      return
    }
    body(&contents[place])
  }

  private static func parent(_ path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }

  /// The files that are left, by path.
  func remains(after loss: Loss) -> [String: [UInt8]] {
    let areNamesKept = loss == .everything || loss == .names
    let here = areNamesKept ? keptFolders : folders
    let left = (areNamesKept ? keptNames : names).filter { name, _ in
      here.contains(Self.parent(name))
    }
    return left.mapValues { place in
      switch loss {
      case .everything, .contents: contents[place].kept
      case .halfOfTheLastWrite: contents[place].torn
      case .beginningOfTheLastWrite: contents[place].headless
      case .names, .nothing: contents[place].bytes
      }
    }
  }
}

/// What a runner did to the disk and what it told, in one order.
final class DiskLog: DiskWitness {
  enum Entry {
    case step(DiskStep)
    case told(RunnerEvent)
    /// The node was told that the batch is taken.
    case staged
  }

  private let content = Mutex<[Entry]>([])

  var entries: [Entry] { content.withLock { $0 } }

  func saw(_ step: DiskStep) { content.withLock { $0.append(.step(step)) } }
  func heard(_ event: RunnerEvent) { content.withLock { $0.append(.told(event)) } }
  func staged() { content.withLock { $0.append(.staged) } }
}
