import Glibc
import Testing

@testable import Runners

/// A real Slurm of one machine in a test's folder: munged, slurmctld and slurmd on free ports.
///
/// All of it runs as whoever runs the test and ends with it; the machine's own Slurm is not touched.
final class SlurmCluster {
  /// What a test can't do without, and Debian's packages that hold it.
  private static let programs = [
    "/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch",
    "/usr/bin/squeue", "/usr/bin/scontrol", "/usr/bin/scancel",
  ]

  let path: String
  private var munged: SlurmDaemon?
  private var slurmd: SlurmDaemon?
  private var slurmctld: SlurmDaemon?

  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Whether Slurm is installed; says so where it is not.
  static var isInstalled: Bool {
    guard let missing = programs.first(where: { access($0, X_OK) != 0 }) else { return true }
    print(
      "SKIPPED: a real Slurm, as \(missing) is not here "
        + "(apt install slurmctld slurmd slurm-client munge)")
    return false
  }

  /// The `heliograph` that was built beside this test.
  static var feedProgram: String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let slash = own.lastIndex(of: "/") else { return nil }
    let candidate = String(own[..<slash] + "/heliograph")
    return access(candidate, X_OK) == 0 ? candidate : nil
  }

  /// Starts the three and waits until the node takes jobs.
  init(in scratch: ScratchFolder, licences: String) async throws {
    path = scratch.path + "/slurm"
    for folder in ["", "/state", "/spool"] { mkdir(path + folder, 0o755) }
    try scratch.write(String(repeating: "0123456789abcdef", count: 8), to: "slurm/munge.key")
    chmod(path + "/munge.key", 0o400)
    try scratch.write(try configuration(licences), to: "slurm/slurm.conf")
    munged = try SlurmDaemon(
      "/usr/sbin/munged",
      [
        "--foreground", "--force", "--key-file=\(path)/munge.key", "--socket=\(path)/munge.s",
        "--pid-file=\(path)/munge.pid", "--log-file=\(path)/munge.log",
        "--seed-file=\(path)/munge.seed",
      ], log: path + "/munged.out")
    try await wait("munged") { access(self.path + "/munge.s", F_OK) == 0 }
    try startController()
    slurmd = try SlurmDaemon(
      "/usr/sbin/slurmd", ["-D", "-f", path + "/slurm.conf", "-N", "one"],
      log: path + "/slurmd.out")
    try await wait("the node") { self.ask("sinfo", ["-h", "-o", "%T"]).contains("idle") }
  }

  /// Ends the jobs, then the daemons that were started here.
  deinit {
    for number in listing("%i") { _ = ask("scancel", [number]) }
    for _ in 0..<400 where !listing("%i").isEmpty { usleep(25_000) }
    for daemon in [slurmd, slurmctld, munged] { daemon?.end(SIGTERM) }
  }

  /// Kills slurmctld: nothing is put in order, nothing told to anyone.
  func killController() {
    slurmctld?.end(SIGKILL)
    slurmctld = nil
  }

  /// Ends slurmctld as its service would, and starts it again.
  func restartController() throws {
    slurmctld?.end(SIGTERM)
    try startController()
  }

  /// Starts slurmctld, from the state that the one before it kept.
  func startController() throws {
    slurmctld = try SlurmDaemon(
      "/usr/sbin/slurmctld", ["-D", "-f", path + "/slurm.conf"], log: path + "/slurmctld.out")
  }

  var configurationFile: String { path + "/slurm.conf" }

  /// One of Slurm's programs, to its end; what it said.
  func ask(_ program: String, _ arguments: [String]) -> String {
    let run = try? ProgramRun(
      "/usr/bin/" + program, arguments, environment: ["SLURM_CONF=" + configurationFile],
      within: 30_000, isGivenUp: { false })
    return run.map { $0.output + $0.complaint } ?? ""
  }

  /// The jobs in the queue, one word or line each.
  func listing(_ format: String) -> [String] {
    let run = try? ProgramRun(
      "/usr/bin/squeue", ["--noheader", "--format=" + format],
      environment: ["SLURM_CONF=" + configurationFile], within: 30_000, isGivenUp: { false })
    guard let run, run.isGood else { return [] }
    return run.output.split(separator: "\n").map(String.init)
  }

  private func wait(_ what: String, until condition: () -> Bool) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(60)
    while !condition() {
      guard clock.now < deadline else { throw Failure(description: "\(what) does not come up") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func configuration(_ licences: String) throws -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count)
    let whole = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let host = whole.prefix { $0 != "." }
    let user = String(cString: try #require(getpwuid(getuid())).pointee.pw_name)
    let ports = try Self.freePorts()
    // Six seconds between a requeue and the next start is the least that Slurm allows.
    return """
      ClusterName=test
      SlurmctldHost=\(host)(127.0.0.1)
      SlurmctldPort=\(ports.0)
      SlurmdPort=\(ports.1)
      SlurmUser=\(user)
      SlurmdUser=\(user)
      AuthType=auth/munge
      AuthInfo=socket=\(path)/munge.s,cred_expire=5
      StateSaveLocation=\(path)/state
      SlurmdSpoolDir=\(path)/spool
      SlurmctldPidFile=\(path)/slurmctld.pid
      SlurmdPidFile=\(path)/slurmd.pid
      ProctrackType=proctrack/linuxproc
      TaskPlugin=task/none
      SelectType=select/cons_tres
      SchedulerType=sched/builtin
      SchedulerParameters=sched_interval=1,batch_sched_delay=0
      SlurmdParameters=config_overrides
      MpiDefault=none
      AccountingStorageType=accounting_storage/none
      JobAcctGatherType=jobacct_gather/none
      MessageTimeout=3
      KillWait=5
      ReturnToService=2
      Licenses=\(licences)
      NodeName=one NodeHostname=\(host) NodeAddr=127.0.0.1 Port=\(ports.1) CPUs=8 RealMemory=1024
      PartitionName=sun Nodes=ALL Default=YES DefMemPerCPU=16 MaxTime=INFINITE State=UP

      """
  }

  /// Two ports that nobody has at this moment.
  private static func freePorts() throws -> (UInt16, UInt16) {
    let first = try StandInEngine()
    let second = try StandInEngine()
    defer {
      first.stop()
      second.stop()
    }
    return (first.port, second.port)
  }
}

/// A daemon that a test started, in the foreground; ended by its id.
final class SlurmDaemon {
  private let process: pid_t
  private var isRunning = true

  init(_ program: String, _ arguments: [String], log: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // The threads of tasks block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    let variables: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin:/usr/sbin")]
    defer { for word in words + variables { free(word) } }
    var child = pid_t()
    let code = posix_spawn(&child, program, &actions, &attributes, words + [nil], variables + [nil])
    guard code == 0 else {
      throw SlurmCluster.Failure(description: "\(program) doesn't start: \(code)")
    }
    process = child
  }

  deinit { end(SIGKILL) }

  /// Ends it and waits for that; one that does not hear is killed.
  func end(_ signal: Int32) {
    guard isRunning else { return }
    isRunning = false
    kill(process, signal)
    for _ in 0..<200 {
      if waitpid(process, nil, WNOHANG) != 0 { return }
      usleep(25_000)
    }
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }
}
