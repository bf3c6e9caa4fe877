#pragma once
// The functions each file gives to the addon.

#include <span>

#include "call.h"

std::span<const Entry> clockEntries();
std::span<const Entry> arenaEntries();
std::span<const Entry> codecEntries();
std::span<const Entry> decompressorEntries();
std::span<const Entry> pageEntries();
std::span<const Entry> fileEntries();
std::span<const Entry> socketEntries();
std::span<const Entry> uringEntries();
std::span<const Entry> captureEntries();
std::span<const Entry> processEntries();
std::span<const Entry> memoryEntries();
std::span<const Entry> liveEntries();
