import FuzzEntries

#if FUZZ_PROFILE
  private let target = FuzzTarget.profile
#else
  private let target = FuzzTarget.sunspec
#endif

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  target.run(bytes) { holds, words in
    if !holds { fatalError(words) }
  }
  return 0
}
