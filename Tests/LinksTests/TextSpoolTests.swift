import Glibc
import Links
import Synchronization
import Testing

@Suite("TextSpool")
struct TextSpoolTests {
  @Test("answers each message once, in parts or delivered twice, and keeps silent to strangers")
  func answers() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let spool = try TextSpool(directory: folder.path)
    let known = "+255700000001"
    folder.write("inbox/IN20261123_042655_00_\(known)_00.txt", Array("STATUS".utf8))
    // The network delivered it twice.
    folder.write("inbox/IN20261123_042655_01_\(known)_00.txt", Array("STATUS".utf8))
    // Asked again later: another question.
    folder.write("inbox/IN20261123_043000_00_\(known)_00.txt", Array("STATUS".utf8))
    folder.write("inbox/IN20261123_044000_00_\(known)_01.txt", Array("E".utf8))
    folder.write("inbox/IN20261123_044000_00_\(known)_00.txt", Array("WHER".utf8))
    folder.write("inbox/IN20261123_045000_00_+255799999999_00.txt", Array("STATUS".utf8))
    folder.write("inbox/IN20261123_046000_00_MY_BANK_00.txt", Array("pay".utf8))
    folder.write("inbox/notes.txt", Array("no message".utf8))
    folder.write(
      "inbox/IN20261123_047000_00_\(known)_00.txt", [0xFF, 0xFE, 0x57, 0, 0x48, 0, 0x59, 0])
    let heard = Mutex<[ReceivedText]>([])
    let task = Task {
      await spool.run(trouble: { _ in }) { message in
        heard.withLock { $0.append(message) }
        return message.sender == "+255799999999" ? nil : "heard \(message.text)"
      }
    }
    #expect(await eventually { folder.names("inbox").isEmpty })
    task.cancel()
    await task.value
    #expect(folder.names("handled").count == 9)
    let replies = folder.names("outbox")
    #expect(replies.count == 4, "\(replies)")
    #expect(replies.allSatisfy { $0.hasPrefix("OUTA20261123_") && $0.contains("_00_\(known)_") })
    let words = replies.compactMap { folder.read("outbox/\($0)") }
    #expect(words == ["heard STATUS", "heard STATUS", "heard WHERE", "heard WHY"])
    #expect(heard.withLock { $0.map(\.sender) }.contains("MY_BANK"))
  }

  @Test("keeps a message until its reply is in the outbox, and says once what is in the way")
  func keepsUntilAnswered() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let spool = try TextSpool(directory: folder.path)
    folder.write("inbox/IN20261123_042655_00_+255700000001_00.txt", Array("STATUS".utf8))
    // The outbox has gone: replies can't be written.
    rmdir(folder.path + "/outbox")
    let troubles = Mutex<[LinkError]>([])
    let asked = Mutex(0)
    let task = Task {
      await spool.run(trouble: { error in troubles.withLock { $0.append(error) } }) { _ in
        asked.withLock { $0 += 1 }
        return "here"
      }
    }
    #expect(await eventually { asked.withLock { $0 } >= 2 })
    #expect(folder.names("inbox").count == 1)
    mkdir(folder.path + "/outbox", 0o770)
    #expect(await eventually { folder.names("outbox").count == 1 })
    #expect(await eventually { folder.names("inbox").isEmpty })
    task.cancel()
    await task.value
    #expect(troubles.withLock { $0.count } == 1)
    #expect(troubles.withLock { $0.first?.text.contains("/outbox: can't write") } == true)
  }

  @Test("trades messages with gammu-smsd and its dummy phone")
  func withGammu() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let spool = try TextSpool(directory: folder.path)
    for name in ["phone", "sent", "error"] { mkdir("\(folder.path)/\(name)", 0o770) }
    // The dummy phone has a folder of its own, as its tree is deep.
    let phone = try TestFolder()
    defer { phone.remove() }
    mkdir("\(phone.path)/sms", 0o770)
    for number in 1...5 { mkdir("\(phone.path)/sms/\(number)", 0o770) }
    phone.write("operations.log", [])
    let gammu = "[gammu]\nmodel=dummy\nconnection=none\ndevice=\(phone.path)\n"
    folder.write("gammurc", Array(gammu.utf8))
    let daemon =
      gammu + "[smsd]\nservice=files\ninboxpath=\(folder.path)/inbox/\n"
      + "outboxpath=\(folder.path)/outbox/\nsentsmspath=\(folder.path)/sent/\n"
      + "errorsmspath=\(folder.path)/error/\nCheckSecurity=0\nReceiveFrequency=1\nLoopSleep=1\n"
      + "CommTimeout=1\n"
    folder.write("smsdrc", Array(daemon.utf8))
    let arguments = [
      "-c", "\(folder.path)/gammurc", "savesms", "TEXT", "-folder", "1", "-unread", "-sender",
      "+255700000001", "-text", "WHY",
    ]
    guard let save = ChildProcess("gammu", arguments), save.wait() == 0,
      let smsd = ChildProcess("gammu-smsd", ["-c", "\(folder.path)/smsdrc"])
    else {
      print("SKIPPED: gammu and gammu-smsd are not installed, so there is no phone")
      return
    }
    let task = Task { await spool.run(trouble: { _ in }) { "reason for \($0.text)" } }
    let isSent = await eventually { folder.names("sent").count == 1 }
    task.cancel()
    await task.value
    smsd.stop()
    #expect(isSent)
    let name = folder.names("sent").first ?? ""
    #expect(name.contains("_+255700000001_"))
    #expect(folder.read("sent/\(name)") == "reason for WHY")
  }
}
