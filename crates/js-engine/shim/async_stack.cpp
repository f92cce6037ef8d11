// Who waits for the code that runs, as frames below its own: V8's "at async f". The engine would capture a stack at every
// promise that is made for that, so it is told not to. Nothing has to be kept: when a stack is captured, the promise that
// the running job will settle is known, and its reaction says which function awaits it, whose own promise has a reaction
// in turn. The linker sends the engine's calls here (`--wrap`, in the build script of the executable); linked without that
// option, stacks end with the job.
#include "frame_names.h"
#include "private_member.h"
#include "shim.h"

#include "builtin/Promise.h"
#include "js/friend/MicroTask.h"
#include "vm/Activation.h"
#include "vm/AsyncFunction.h"
#include "vm/AsyncIteration.h"
#include "vm/FrameIter.h"
#include "vm/GeneratorObject.h"
#include "vm/JSAtomUtils.h"
#include "vm/JSContext.h"
#include "vm/JSScript.h"
#include "vm/PromiseObject.h"
#include "vm/SavedFrame.h"

#include "gc/ObjectKind-inl.h"
#include "vm/JSContext-inl.h"
#include "vm/JSObject-inl.h"
#include "vm/JSScript-inl.h"
#include "vm/NativeObject-inl.h"
#include "vm/Realm-inl.h"

using namespace js;

KNIT_PRIVATE_MEMBER(AsyncStack, js::Activation, js::SavedFrame*, asyncStack_)
KNIT_PRIVATE_MEMBER(AsyncCause, js::Activation, const char*, asyncCause_)
KNIT_PRIVATE_MEMBER(IsExplicit, js::Activation, bool, asyncCallIsExplicit_)

thread_local SmRunningJob* SmRunningJob::current = nullptr;

SmRunningJob::SmRunningJob(JSContext* cx, JS::HandleObject job) : job(job), below(cx->activation()), outer(current) {
  current = this;
}

namespace {

// What `inspect.cpp` knows these frames by.
constexpr char kCause[] = "async";
// How far a chain is followed: promises may also wait for each other in a circle.
constexpr size_t kMostPromises = 256;

// The slots of a SavedFrame, in the engine's order.
enum FrameSlot { kSource, kSourceId, kLine, kColumn, kName, kCauseSlot, kParent, kPrincipals, kFrameSlots };

// What is known of a frame before the one below it is, in a row of values.
enum Fact { kFactSource, kFactId, kFactLine, kFactColumn, kFactName, kFacts };

bool Append(MutableHandle<GCVector<Value>> row, JSAtom* source, uint32_t id, uint32_t line,
            JS::TaggedColumnNumberOneOrigin column, JSAtom* name) {
  return row.append(StringValue(source)) && row.append(PrivateUint32Value(id)) &&
         row.append(PrivateUint32Value(line)) && row.append(PrivateUint32Value(column.rawValue())) &&
         row.append(name ? StringValue(name) : NullValue());
}

// The call that waits at an `await`.
bool AppendCall(JSContext* cx, MutableHandle<GCVector<Value>> row, Handle<AbstractGeneratorObject*> call) {
  RootedFunction callee(cx, &call->callee());
  RootedScript script(cx, callee->nonLazyScript());
  jsbytecode* pc = script->offsetToPC(script->resumeOffsets()[call->resumeIndex()]);
  // it goes on behind the instruction that it waits at, which knows the place
  if (JSOp(pc[-JSOpLength_Await]) == JSOp::Await) pc -= JSOpLength_Await;
  JS::LimitedColumnNumberOneOrigin column;
  uint32_t line = PCToLineNumber(script, pc, &column);
  Rooted<JSAtom*> source(cx);
  ScriptSource* text = script->scriptSource();
  if (text->hasDisplayURL()) {
    source = AtomizeChars(cx, text->displayURL(), js_strlen(text->displayURL()));
  } else {
    const char* filename = script->filename() ? script->filename() : "";
    source = AtomizeUTF8Chars(cx, filename, strlen(filename));
  }
  if (!source) return false;
  JSAtom* name = NameOfWaiting(cx, call);
  return Append(row, source, text->id(), line, JS::TaggedColumnNumberOneOrigin(column), name);
}

// `Promise.all (index 2)`: no file, and the index for a column.
bool AppendCombinator(JSContext* cx, MutableHandle<GCVector<Value>> row, const char* name, uint32_t index) {
  JSAtom* atom = Atomize(cx, name, strlen(name));
  auto column = JS::TaggedColumnNumberOneOrigin(JS::LimitedColumnNumberOneOrigin(index + 1));
  return atom && Append(row, cx->names().empty_, 0, 0, column, atom);
}

PromiseObject* PromiseOf(JSContext* cx, Handle<AbstractGeneratorObject*> call) {
  if (call->is<AsyncFunctionGeneratorObject>()) return call->as<AsyncFunctionGeneratorObject>().promise();
  if (!call->is<AsyncGeneratorObject>()) return nullptr;
  Rooted<AsyncGeneratorObject*> generator(cx, &call->as<AsyncGeneratorObject>());
  return generator->isQueueEmpty() ? nullptr : AsyncGeneratorObject::peekRequest(generator)->promise();
}

// What Promise.all, allSettled and any do with one of their elements; null for other functions.
NativeObject* ElementsOf(JSObject* function, uint32_t* index) {
  if (!function || !function->is<JSFunction>()) return nullptr;
  auto& f = function->as<JSFunction>();
  if (!f.isNativeFun() || !f.isExtended()) return nullptr;
  const Value &at = f.getExtendedSlot(0), &data = f.getExtendedSlot(1);
  if (!at.isInt32() || !data.isObject()) return nullptr;
  if (strcmp(data.toObject().getClass()->name, "PromiseCombinatorDataHolder")) return nullptr;
  *index = at.toInt32();
  return &data.toObject().as<NativeObject>();
}

// The one who waits for a promise: takes its frame, and goes to the promise that it will settle.
class Waiter final : public PromiseReactionRecordBuilder {
 public:
  Waiter(JSContext* cx, MutableHandle<GCVector<Value>> row) : next(cx), calls_(cx), promises_(cx), row_(row) {}
  // False when nobody waits, or several do, or the engine is out of memory.
  bool follow(JSContext* cx, Handle<PromiseObject*> promise) {
    count_ = 0;
    calls_ = nullptr;
    promises_ = nullptr;
    combinator_ = nullptr;
    if (!promise->forEachReactionRecord(cx, *this) || count_ != 1) return false;
    if (combinator_ && !AppendCombinator(cx, row_, combinator_, index_)) return false;
    if (calls_) {
      if (calls_->compartment() != cx->compartment() || !calls_->isSuspended()) return false;
      if (!AppendCall(cx, row_, calls_)) return false;
      next = PromiseOf(cx, calls_);
    } else {
      next = promises_ && promises_->is<PromiseObject>() ? &promises_->as<PromiseObject>() : nullptr;
    }
    return next && next->compartment() == cx->compartment();
  }
  Rooted<PromiseObject*> next;

 private:
  bool then(JSContext*, Handle<JSObject*> resolve, Handle<JSObject*> reject, Handle<JSObject*> result) override {
    count_++;
    NativeObject* fulfilled = ElementsOf(resolve, &index_);
    NativeObject* rejected = fulfilled ? nullptr : ElementsOf(reject, &index_);
    promises_ = result;
    if (NativeObject* elements = fulfilled ? fulfilled : rejected) {
      // the promise that all of them are for; allSettled's second function knows only the first one
      promises_ = &elements->getFixedSlot(0).toObject();
      combinator_ = rejected ? "Promise.any" : IsPartner(reject, resolve) ? "Promise.allSettled" : "Promise.all";
    } else if (PromiseObject* settled = SettledBy(resolve)) {
      promises_ = settled;
    }
    return true;
  }
  bool direct(JSContext*, Handle<PromiseObject*> promise) override {
    count_++;
    promises_ = promise;
    return true;
  }
  bool asyncFunction(JSContext*, Handle<AsyncFunctionGeneratorObject*> call) override {
    count_++;
    calls_ = call;
    return true;
  }
  bool asyncGenerator(JSContext*, Handle<AsyncGeneratorObject*> call) override {
    count_++;
    calls_ = call;
    return true;
  }
  // What `resolve` of `new Promise((resolve) => …)` is for.
  static PromiseObject* SettledBy(JSObject* function) {
    if (!function || !function->is<JSFunction>()) return nullptr;
    auto& f = function->as<JSFunction>();
    if (!f.isNativeFun() || !f.isExtended() || !f.getExtendedSlot(0).isObject()) return nullptr;
    JSObject& promise = f.getExtendedSlot(0).toObject();
    return promise.is<PromiseObject>() ? &promise.as<PromiseObject>() : nullptr;
  }
  static bool IsPartner(JSObject* function, JSObject* first) {
    if (!function || !function->is<JSFunction>() || !function->as<JSFunction>().isExtended()) return false;
    const Value& slot = function->as<JSFunction>().getExtendedSlot(0);
    return slot.isObject() && &slot.toObject() == first;
  }

  size_t count_ = 0;
  Rooted<AbstractGeneratorObject*> calls_;
  Rooted<JSObject*> promises_;
  const char* combinator_ = nullptr;
  uint32_t index_ = 0;
  MutableHandle<GCVector<Value>> row_;
};

// How a job that runs began.
struct Beginning {
  explicit Beginning(JSContext* cx) : call(cx) {}

  Activation* activation = nullptr;
  // The call that it goes on with; null when it called a plain function.
  Rooted<AbstractGeneratorObject*> call;
  // Frames below `after` that a stack shows, and that it does not because they are the engine's own functions'.
  uint32_t shown = 0;
  uint32_t hidden = 0;
};

void FindBeginning(JSContext* cx, const SmRunningJob* job, JS::HandleObject after, Beginning* beginning) {
  RootedFunction start(cx, after && after->is<JSFunction>() ? &after->as<JSFunction>() : nullptr);
  RootedObject environment(cx);
  for (FrameIter frames(cx); !frames.done() && frames.activation() != job->below; ++frames) {
    beginning->activation = frames.activation();
    bool isOwn = frames.hasScript() && frames.script()->selfHosted();
    if (!start) (isOwn ? beginning->hidden : beginning->shown)++;
    if (start && frames.isFunctionFrame() && frames.matchCallee(cx, start)) start = nullptr;
    if (isOwn) continue;
    beginning->call = nullptr;
    if (!frames.hasScript() || !frames.script()->isAsync()) continue;
    if (frames.script()->isModule()) {
      beginning->call = GetGeneratorObjectForModule(frames.script()->module());
    } else if (frames.isFunctionFrame()) {
      environment = frames.environmentChain(cx);
      beginning->call = GetGeneratorObjectForEnvironment(cx, environment);
    }
  }
}

// The promise that the job settles.
PromiseObject* PromiseOfJob(JSContext* cx, const SmRunningJob* job, Handle<AbstractGeneratorObject*> call) {
  if (call) return PromiseOf(cx, call);
  JSObject* promise = job->job ? JS::MaybeGetPromiseFromJSMicroTask(job->job) : nullptr;
  return promise && promise->is<PromiseObject>() ? &promise->as<PromiseObject>() : nullptr;
}

// Frames of what waits for a promise, the youngest first, at most `most`; null when nothing does. May leave an exception.
SavedFrame* TryWaitingFrames(JSContext* cx, Handle<PromiseObject*> settled, size_t most) {
  Rooted<GCVector<Value>> row(cx, GCVector<Value>(cx));
  Waiter waiter(cx, &row);
  Rooted<PromiseObject*> promise(cx, settled);
  for (size_t i = 0; i < kMostPromises && row.length() < most * kFacts && waiter.follow(cx, promise); i++) {
    promise = waiter.next;
  }
  if (row.empty()) return nullptr;
  RootedObject prototype(cx, GlobalObject::getOrCreateSavedFramePrototype(cx, cx->global()));
  Rooted<JSAtom*> cause(cx, Atomize(cx, kCause, strlen(kCause)));
  if (!prototype || !cause) return nullptr;
  Rooted<SavedFrame*> frame(cx), parent(cx);
  for (size_t at = row.length(); at > 0; at -= kFacts) {
    frame = NewTenuredObjectWithGivenProto<SavedFrame>(cx, prototype);
    if (!frame) return nullptr;
    MOZ_RELEASE_ASSERT(JSCLASS_RESERVED_SLOTS(frame->getClass()) == kFrameSlots);
    const Value* facts = row.begin() + (at - kFacts);
    frame->initReservedSlot(kSource, facts[kFactSource]);
    frame->initReservedSlot(kSourceId, facts[kFactId]);
    frame->initReservedSlot(kLine, facts[kFactLine]);
    frame->initReservedSlot(kColumn, facts[kFactColumn]);
    frame->initReservedSlot(kName, facts[kFactName]);
    frame->initReservedSlot(kCauseSlot, StringValue(cause));
    frame->initReservedSlot(kParent, ObjectOrNullValue(parent));
    frame->initReservedSlot(kPrincipals, PrivateValue(nullptr));
    for (Fact fact : {kFactSource, kFactName}) {
      if (facts[fact].isString()) cx->markAtom(&facts[fact].toString()->asAtom());
    }
    cx->markAtom(cause);
    parent = frame;
  }
  return parent;
}

SavedFrame* WaitingFrames(JSContext* cx, Handle<PromiseObject*> settled, size_t most) {
  SavedFrame* frames = TryWaitingFrames(cx, settled, most);
  // a stack that ends early is better than an error about it
  cx->clearPendingException();
  return frames;
}

}  // namespace

#define CAPTURE                                                                                          \
  "_ZN2JS19CaptureCurrentStackEP9JSContextNS_13MutableHandleIP8JSObjectEEON7mozilla7VariantIJNS_9All"    \
  "FramesENS_9MaxFramesENS_18FirstSubsumedFrameEEEENS_6HandleIS4_EE"

bool RealCapture(JSContext*, JS::MutableHandleObject, JS::StackCapture&&, JS::HandleObject) __asm__("__real_" CAPTURE)
    __attribute__((weak));
bool WrapCapture(JSContext*, JS::MutableHandleObject, JS::StackCapture&&, JS::HandleObject) __asm__("__wrap_" CAPTURE);

bool WrapCapture(JSContext* cx, JS::MutableHandleObject stack, JS::StackCapture&& capture, JS::HandleObject after) {
  const SmRunningJob* job = SmRunningJob::current;
  if (!job || !capture.is<JS::MaxFrames>() || cx->isExceptionPending()) {
    return RealCapture(cx, stack, std::move(capture), after);
  }
  Beginning beginning(cx);
  FindBeginning(cx, job, after, &beginning);
  uint32_t& limit = capture.as<JS::MaxFrames>().maxFrames;
  Activation* first = beginning.activation;
  Rooted<PromiseObject*> promise(cx);
  if (first && beginning.shown < limit) promise = PromiseOfJob(cx, job, beginning.call);
  SavedFrame* waiting = promise ? WaitingFrames(cx, promise, limit - beginning.shown) : nullptr;
  if (!waiting) return RealCapture(cx, stack, std::move(capture), after);
  // frames that are not shown do not count, and the engine goes on below its own only if one more is allowed
  limit += beginning.hidden + 1;
  SavedFrame* keptStack = std::exchange(first->*member_of(AsyncStack()), waiting);
  const char* keptCause = std::exchange(first->*member_of(AsyncCause()), kCause);
  bool wasExplicit = std::exchange(first->*member_of(IsExplicit()), true);
  bool captured = RealCapture(cx, stack, std::move(capture), after);
  first->*member_of(AsyncStack()) = keptStack;
  first->*member_of(AsyncCause()) = keptCause;
  first->*member_of(IsExplicit()) = wasExplicit;
  return captured;
}

extern "C" void sm_waiting_stack(JSContext* cx, const Value* v, uint32_t limit, Value* out) {
  out->setUndefined();
  JSObject* object = O(v);
  if (!object || !object->is<PromiseObject>() || object->compartment() != cx->compartment()) return;
  Rooted<PromiseObject*> promise(cx, &object->as<PromiseObject>());
  SavedFrame* waiting = WaitingFrames(cx, promise, limit);
  if (waiting) out->setObject(*waiting);
}
