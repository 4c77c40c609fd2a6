import FuzzEntries

#if FUZZ_PROFILE
  private let target = FuzzTarget.profile
#elseif FUZZ_SUNSPEC
  private let target = FuzzTarget.sunspec
#else
  private let target = FuzzTarget.reply
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
