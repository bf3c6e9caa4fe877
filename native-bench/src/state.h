#pragma once
// Everything one JavaScript environment (a thread's Node instance) has open. No globals, so that workers do not meet here.

#include "arena.h"
#include "codec.h"
#include "decompressor.h"
#include "file.h"
#include "handle_table.h"
#include "live.h"
#include "memory.h"
#include "socket.h"
#include "uring.h"

struct State {
  // Torn down in reverse: rings and decompressors finish what is under way before the files and arenas they use go.
  HandleTable<Arena> arenas;
  HandleTable<Codec> codecs;
  HandleTable<Decompressor> decompressors;
  HandleTable<File> files;
  HandleTable<Socket> sockets;
  HandleTable<Ring> rings;
  HandleTable<Memory> memories;
  HandleTable<Live> lives;
};
