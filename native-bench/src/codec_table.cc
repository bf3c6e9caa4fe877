#include <mutex>

#include "codec.h"
#include "entries.h"

namespace {

/// A codec and what this host has of it. Loaded once per process, at the first question, and never unloaded.
struct Found {
  const CodecKind& kind;
  std::unique_ptr<CodecLibrary> library;
  std::string reason;
};

const std::vector<Found>& table() {
  static const std::vector<Found> found = [] {
    std::vector<Found> result;
    for (const CodecKind* kind : {&LZ4, &LZ4HC, &LZO, &ZSTD, &DEFLATE}) {
      try {
        result.push_back({*kind, kind->load(), ""});
      } catch (const LibraryMissing& missing) {
        result.push_back({*kind, nullptr, missing.reason});
      }
    }
    return result;
  }();
  return found;
}

napi_value orNull(const Call& call, const std::string& value) { return value.empty() ? call.null() : call.result(value); }

napi_value codecList(const Call& call) {
  napi_value list = nullptr;
  napi_create_array(call.env, &list);
  uint32_t index = 0;
  for (const auto& [kind, library, reason] : table()) {
    napi_set_element(call.env, list, index++,
                     call.object({{"codec", call.result(std::string(kind.name))},
                                  {"available", call.result(library != nullptr)},
                                  {"version", library ? orNull(call, library->version()) : call.null()},
                                  {"library", library ? call.result(library->path()) : call.null()},
                                  {"reason", orNull(call, reason)},
                                  {"package", call.result(std::string(kind.package))}}));
  }
  return list;
}

}  // namespace

std::unique_ptr<Codec> openCodec(const std::string& name, int64_t level) {
  for (const auto& [kind, library, reason] : table()) {
    if (name != kind.name) continue;
    if (!library) throw CodedFailure{"CODEC_UNAVAILABLE", name + ": " + reason + " (Debian package " + kind.package + ")"};
    const LevelRange levels = library->levels();
    if (level < levels.low || level > levels.high)
      throwRange(name + ": level must be from " + std::to_string(levels.low) + " to " + std::to_string(levels.high));
    std::unique_ptr<Codec> codec = library->open(static_cast<int>(level));
    if (!codec) throw CodedFailure{"ENOMEM", name + ": the library could not make its working memory"};
    return codec;
  }
  throw CodedFailure{"CODEC_UNAVAILABLE", "no codec is called '" + name + "'"};
}

namespace {

napi_value codecOpen(const Call& call) {
  return call.result(call.state().codecs.add(openCodec(call.text(0, "name"), call.signedInteger(1, "level"))));
}

napi_value codecClose(const Call& call) {
  if (!call.state().codecs.remove(call.handle(0, "codec"))) Call::unknownHandle("codec", "codec");
  return nullptr;
}

/// A zpage has lain untouched: its lines are asked for all at once, since a codec meets them one by one.
inline void fetch(const char* zpage, size_t bytes) {
  constexpr size_t LINE = 64;
  for (size_t at = 0; at < bytes; at += LINE) __builtin_prefetch(zpage + at);
}

/// No library promises anything where its input and output overlap.
void apart(const char* a, size_t aBytes, const char* b, size_t bBytes) {
  if (a < b + bBytes && b < a + aBytes) [[unlikely]] throwRange("source and destination overlap");
}

napi_value compress(const Call& call) {
  Codec& codec = call.codec(0, "codec");
  const char* page = call.pages(call.arena(1, "srcArena"), 2, "srcPage", 1);
  Arena& dstArena = call.arena(3, "dstArena");
  const uint64_t dstOffset = call.integer(4, "dstOffset", 0, dstArena.bytes());
  const uint64_t asked = call.integer(5, "capacity", 0, dstArena.bytes() - dstOffset);
  if (asked == 0) return call.result(0U);
  // No codec needs more for a page; libraries take an int.
  const size_t capacity = std::min<uint64_t>(asked, 2 * PAGE);
  char* dst = dstArena.base + dstOffset;
  apart(page, PAGE, dst, capacity);
  return call.result(static_cast<uint32_t>(codec.compress(page, dst, capacity)));
}

napi_value decompress(const Call& call) {
  Codec& codec = call.codec(0, "codec");
  Arena& srcArena = call.arena(1, "srcArena");
  const uint64_t srcOffset = call.integer(2, "srcOffset", 0, srcArena.bytes());
  const uint64_t srcBytes = call.integer(3, "srcBytes", 0, std::min<uint64_t>(srcArena.bytes() - srcOffset, 2 * PAGE));
  char* page = call.pages(call.arena(4, "dstArena"), 5, "dstPage", 1);
  const char* src = srcArena.base + srcOffset;
  apart(page, PAGE, src, srcBytes);
  fetch(src, srcBytes);
  if (srcBytes == 0 || !codec.decompress(src, srcBytes, page)) [[unlikely]]
    throw CodedFailure{"CORRUPT", std::to_string(srcBytes) + " compressed bytes do not give exactly one page"};
  return call.result(static_cast<uint32_t>(PAGE));
}

constexpr Entry ENTRIES[] = {{"codecList", guarded<codecList>},
                             {"codecOpen", guarded<codecOpen>},
                             {"codecClose", guarded<codecClose>},
                             {"compress", guarded<compress>},
                             {"decompress", guarded<decompress>}};

}  // namespace

std::span<const Entry> codecEntries() { return ENTRIES; }
