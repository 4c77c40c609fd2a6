// swift-tools-version: 6.0
import PackageDescription

// Every outside library is Debian's, through a systemLibrary target; there are no Swift packages.
func library(_ name: String, _ pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

// The core: values and state machines, no I/O. Each imports only those before it in this list.
let core = [
  "Quantities", "Sealing", "Sites", "Planning", "Market", "Ledger", "Mesh", "Texting",
  "HeliographCore",
]

/// All of the core, for those that may import it.
func wholeCore() -> [Target.Dependency] { core.map { .byName(name: $0) } }

func coreTarget(_ name: String) -> Target {
  let before = core.prefix { $0 != name }
  let outside: [Target.Dependency] = name == "Sealing" ? ["CSodium"] : []
  return .target(
    name: name, dependencies: before.map { .byName(name: $0) } + outside,
    exclude: name == "HeliographCore" ? ["HeliographCore.docc"] : [])
}

// The edge: one module for each thing outside the process; they import the core, never each other.
func edgeTarget(
  _ name: String, _ libraries: [Target.Dependency], exclude: [String] = []
) -> Target {
  .target(name: name, dependencies: wholeCore() + libraries, exclude: exclude)
}

func test(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  let own: [Target.Dependency] = [.byName(name: name), "Thrown"]
  let others: [Target.Dependency] = core.filter { $0 != name }.map { .byName(name: $0) }
  return .testTarget(
    name: name + "Tests", dependencies: own + dependencies + others, exclude: exclude)
}

// Each list by itself: Swift 6.0 takes too long over all of them in one expression.
let libraries: [Target] = [
  library("CSodium", "libsodium", apt: "libsodium-dev"),
  library("CSQLite", "sqlite3", apt: "libsqlite3-dev"),
  library("CModbus", "libmodbus", apt: "libmodbus-dev"),
  library("CGPIO", "libgpiod", apt: "libgpiod-dev"),
  library("CGnuTLS", "gnutls", apt: "libgnutls28-dev"),
  // Headers alone: libcurl itself is opened when it is needed.
  .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-gnutls-dev"])]),
]

let edges: [Target] = [
  edgeTarget("Hardware", ["CModbus", "CGPIO"], exclude: ["Profiles", "README.md"]),
  edgeTarget("Storage", ["CSQLite"]),
  edgeTarget("Links", ["CGnuTLS"]),
  edgeTarget("Runners", ["CCurl"], exclude: ["README.md"]),
]

let shells: [Target] = [
  .target(
    name: "Daemon", dependencies: wholeCore() + ["Hardware", "Storage", "Links", "Runners"]),
  .target(name: "Simulation", dependencies: wholeCore()),
]

let programs: [Target] = [
  .executableTarget(name: "heliographd", dependencies: ["Daemon"]),
  .executableTarget(
    name: "heliograph", dependencies: wholeCore() + ["Daemon", "Hardware", "Runners", "Storage"]),
  .executableTarget(
    name: "heliobench", dependencies: wholeCore() + ["Hardware", "Storage", "Runners"]),
  .executableTarget(
    name: "heliosim",
    dependencies: ["Daemon", "Simulation", "Hardware", "Links", "Runners", "Storage"]),
]

let tests: [Target] = [
  .target(name: "Thrown", path: "Tests/Thrown"),
  .target(
    name: "FuzzEntries",
    dependencies: ["Quantities", "Sealing", "Sites", "Market", "Ledger", "Mesh", "Hardware"],
    path: "Tests/Fuzz/Entries"),
  .testTarget(name: "FuzzTests", dependencies: ["FuzzEntries", "Quantities", "Sites"]),
  .testTarget(name: "TidyTests"),
  test("Quantities"), test("Sealing"), test("Sites"), test("Planning"), test("Market"),
  test("Ledger"), test("Mesh"), test("Texting"),
  test("HeliographCore", ["Simulation"]),
  test("Hardware", exclude: ["Fixtures"]), test("Storage", ["heliobench", "CSQLite"]),
  test("Links"),
  test("Runners", ["heliograph"]),
  test("Daemon", ["Hardware", "Storage", "Links", "Runners", "heliographd", "heliograph"]),
  test("Simulation", ["heliosim"]),
]

let package = Package(
  name: "heliograph",
  products: [
    .executable(name: "heliographd", targets: ["heliographd"]),
    .executable(name: "heliograph", targets: ["heliograph"]),
    .executable(name: "heliosim", targets: ["heliosim"]),
  ],
  targets: libraries + core.map(coreTarget) + edges + shells + programs + tests,
  swiftLanguageModes: [.v6]
)
