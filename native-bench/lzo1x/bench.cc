// Times the decoder beside liblzo2's, page by page, on the pages of a file: lzo1x_bench FILE ROUNDS. Started by lzo1x.bench.ts.
//
// In a round each decodes all pages in the same random order, one decoder after the other, and they take turns in beginning. A page comes back to
// where it last lay. Those that a pool would refuse (more than 3584 bytes) are left out.

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "../src/lzo1x.h"
#include "liblzo2.h"

namespace {

constexpr size_t MOST_PAGES = 2048;
constexpr size_t MAX_ZPAGE_BYTES = 3584;
constexpr int WARM_ROUNDS = 2;

double now() {
  timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) * 1e9 + static_cast<double>(at.tv_nsec);
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc == 3 ? atoi(argv[2]) : 0;
  if (rounds < 1) {
    fprintf(stderr, "usage: lzo1x_bench FILE ROUNDS\n");
    return 2;
  }
  FILE* file = fopen(argv[1], "rb");
  if (!file) {
    perror(argv[1]);
    return 1;
  }
  std::vector<uint8_t> pages(MOST_PAGES * PAGE);
  const size_t read = fread(pages.data(), PAGE, MOST_PAGES, file);
  fclose(file);
  try {
    Liblzo2 library;
    std::vector<std::vector<uint8_t>> streams;
    std::vector<const uint8_t*> originals;
    for (size_t page = 0; page < read; page++) {
      auto stream = library.compress(&pages[page * PAGE]);
      if (stream.size() > MAX_ZPAGE_BYTES) continue;
      streams.push_back(std::move(stream));
      originals.push_back(&pages[page * PAGE]);
    }
    if (streams.empty()) {
      fprintf(stderr, "%s: no page of it compresses\n", argv[1]);
      return 1;
    }
    std::vector<uint8_t> out(streams.size() * PAGE);
    std::vector<size_t> order(streams.size());
    for (size_t i = 0; i < order.size(); i++) order[i] = i;
    std::mt19937 random{1};
    std::vector<double> all[2];
    std::vector<double> ratios;
    for (int round = -WARM_ROUNDS; round < rounds; round++) {
      std::shuffle(order.begin(), order.end(), random);
      std::vector<double> times[2];
      for (int turn = 0; turn < 2; turn++) {
        const bool ours = (turn + round) % 2 == 0;
        for (const size_t i : order) {
          const auto& stream = streams[i];
          uint8_t* page = &out[i * PAGE];
          const double start = now();
          const bool sound = ours ? decodeLzo1xPage(stream.data(), stream.size(), page)
                                  : library.decompress(stream.data(), stream.size(), page);
          times[ours].push_back(now() - start);
          if (!sound || memcmp(page, originals[i], PAGE) != 0) {
            fprintf(stderr, "a page came back wrong\n");
            return 1;
          }
        }
      }
      if (round < 0) continue;
      ratios.push_back(percentile(times[1], 0.5) / percentile(times[0], 0.5));
      for (const int ours : {0, 1}) all[ours].insert(all[ours].end(), times[ours].begin(), times[ours].end());
    }
    printf("%zu pages that compress, %d rounds, liblzo2 %s\n", streams.size(), rounds, library.version());
    printf("%-10s p50 %6.0f ns  p90 %6.0f ns\n", "liblzo2", percentile(all[0], 0.5), percentile(all[0], 0.9));
    printf("%-10s p50 %6.0f ns  p90 %6.0f ns\n", "ours", percentile(all[1], 0.5), percentile(all[1], 0.9));
    printf("%-10s p50 %6.2f     p90 %6.2f     p50 of the rounds %.2f to %.2f\n", "ratio",
           percentile(all[1], 0.5) / percentile(all[0], 0.5), percentile(all[1], 0.9) / percentile(all[0], 0.9),
           percentile(ratios, 0), percentile(ratios, 1));
  } catch (const LibraryMissing& missing) {
    fprintf(stderr, "%s\n", missing.reason.c_str());
    return 1;
  }
}
