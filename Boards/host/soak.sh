# What simulated neighbourhoods are made of, and nothing else, as a package that builds by itself.

# Puts it into a folder; what was built there before stays of use.
make_soak_package() {
  local package=$1 module
  rm -rf "$package/Sources"
  mkdir -p "$package/Sources/heliosim"
  cp -p Tests/Soak/Package.swift.txt "$package/Package.swift"
  cp -p Tests/Soak/main.swift.txt "$package/Sources/heliosim/main.swift"
  cp -p Sources/heliosim/Simulate*.swift "$package/Sources/heliosim"
  for module in CSodium Quantities Sealing Sites Planning Market Ledger Mesh Texting \
    HeliographCore Simulation; do
    cp -rp "Sources/$module" "$package/Sources"
  done
}
