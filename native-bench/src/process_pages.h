#pragma once
// The anonymous, resident pages of a process, by /proc/PID/maps and pagemap.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

/// An address range, [begin, end).
struct AddressRange {
  uint64_t begin;
  uint64_t end;
};

/// A private, readable and writable mapping of a line of /proc/PID/maps; false where the line is another kind of mapping.
bool parseAnonymousCandidate(const char* line, AddressRange& range);

/// Addresses of the pages that are present and anonymous (bit 63 set, bit 61 clear), ascending, outside `excluded`.
/// A process that vanishes meanwhile yields what was read until then. Throws SystemFailure.
std::vector<uint64_t> anonymousResidentPages(pid_t pid, const std::vector<AddressRange>& excluded);
