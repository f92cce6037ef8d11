// A faster answer to the question that every await asks: may it go on at once, because nothing else waits and no
// JavaScript but a resumed async function is on the stack? The engine walks its frames with all that their code knows of
// them for that, half of what an await costs. As long as a job runs, the frame that was found to be the only one stays so,
// and is known again by its address. The linker sends the engine's calls here (`--wrap`, in the build script of the
// executable); linked without that option the engine asks itself.
#include "shim.h"

#include "builtin/Promise.h"
#include "jit/JSJitFrameIter.h"
#include "jit/JitFrames.h"
#include "vm/Activation.h"
#include "vm/GlobalObject.h"
#include "vm/JSContext.h"
#include "vm/PromiseObject.h"
#include "vm/Realm.h"

#include "vm/Activation-inl.h"
#include "vm/NativeObject-inl.h"

#define CAN_SKIP_AWAIT "_ZN2js12CanSkipAwaitEP9JSContextN2JS6HandleINS2_5ValueEEEPb"

bool RealCanSkipAwait(JSContext*, JS::HandleValue, bool*) __asm__("__real_" CAN_SKIP_AWAIT) __attribute__((weak));

thread_local uint64_t sm_running_job = 0;

namespace {

// The frame that was alone on the stack, in the job in which it was.
thread_local const uint8_t* aloneFrame = nullptr;
thread_local uint64_t aloneJob = 0;

// The compiled frame that awaits; null when it is interpreted.
const uint8_t* AwaitingFrame(JSContext* cx) {
  js::Activation* activation = cx->activation();
  if (!activation || !activation->isJit()) return nullptr;
  js::jit::JSJitFrameIter frames(activation->asJit());
  while (!frames.done() && !frames.isScripted()) ++frames;
  return frames.done() ? nullptr : frames.fp();
}

// A settled promise that looks its `then` and `constructor` up where they have always been.
bool IsPlainFulfilled(JSContext* cx, js::PromiseObject* promise) {
  JSObject* prototype = cx->global()->maybeGetPrototype(JSProto_Promise);
  return promise->state() == JS::PromiseState::Fulfilled && promise->empty() && prototype &&
         promise->staticPrototype() == prototype && cx->realm()->realmFuses.optimizePromiseLookupFuse.intact();
}

}  // namespace

bool WrapCanSkipAwait(JSContext*, JS::HandleValue, bool*) __asm__("__wrap_" CAN_SKIP_AWAIT);
bool WrapCanSkipAwait(JSContext* cx, JS::HandleValue value, bool* canSkip) {
  *canSkip = false;
  if (!cx->canSkipEnqueuingJobs || cx->asyncResumeDepth > 1) return true;
  bool isSimple = true;
  if (value.isObject()) {
    JSObject* object = &value.toObject();
    isSimple = object->is<js::PromiseObject>();
    if (isSimple && !IsPlainFulfilled(cx, &object->as<js::PromiseObject>())) return true;
  }
  const uint8_t* frame = AwaitingFrame(cx);
  if (isSimple && frame && frame == aloneFrame && aloneJob == sm_running_job) {
    *canSkip = true;
    return true;
  }
  if (!RealCanSkipAwait(cx, value, canSkip)) return false;
  if (*canSkip) {
    aloneFrame = frame;
    aloneJob = sm_running_job;
  }
  return true;
}
