// What every part of the shim shares: the C face of SpiderMonkey for js-engine.
//
// Conventions: every `Value*` points to a slot that the garbage collector knows (Rust's handle stack), `out` slots are
// written; a `bool` result is JSAPI's: false with a pending exception, or false without one when execution ends.
#ifndef knit_shim_h
#define knit_shim_h

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jsapi.h"
#include "jsfriendapi.h"
#include "js/CompileOptions.h"
#include "js/RootingAPI.h"
#include "js/SourceText.h"
#include "js/Value.h"

using JS::HandleValue;
using JS::MutableHandleValue;
using JS::Value;

static inline HandleValue H(const Value* v) { return HandleValue::fromMarkedLocation(v); }
static inline MutableHandleValue M(Value* v) { return MutableHandleValue::fromMarkedLocation(v); }
static inline JSObject* O(const Value* v) { return v->isObject() ? &v->toObject() : nullptr; }

// Where a piece of source text comes from, and how it is to be compiled.
struct SmSource {
  const char* text;
  size_t length;
  // 1 for Latin-1 or UTF-8 bytes (`text`), 2 for UTF-16 (`text` holds char16_t, `length` counts code units)
  uint32_t width;
  const char* file;
  uint32_t line;
  uint32_t column;
};

void FillOptions(JS::CompileOptions& options, const SmSource* source);

// The job that this thread runs, as long as this lives.
struct SmRunningJob {
  SmRunningJob(JSContext* cx, JS::HandleObject job);
  ~SmRunningJob() { current = outer; }

  // Null for a function that is a job.
  JS::HandleObject job;
  // The youngest activation of JavaScript that is not the job's.
  const void* below;
  SmRunningJob* outer;

  static thread_local SmRunningJob* current;
};

#endif
