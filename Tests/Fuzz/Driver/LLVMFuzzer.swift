import FuzzEntries

#if FUZZ_PROFILE
  private let target = FuzzTarget.profile
#elseif FUZZ_SUNSPEC
  private let target = FuzzTarget.sunspec
#elseif FUZZ_REPLY
  private let target = FuzzTarget.reply
#elseif FUZZ_CBOR
  private let target = FuzzTarget.cbor
#elseif FUZZ_RECORD
  private let target = FuzzTarget.record
#else
  private let target = FuzzTarget.contract
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
