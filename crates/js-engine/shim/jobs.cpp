// The microtask queue, the asynchronous context that its jobs carry, rejections, and work from other threads.
#include "shim.h"

#include "js/Array.h"
#include "js/CallAndConstruct.h"
#include "js/Promise.h"
#include "js/PropertyAndElement.h"
#include "js/GCAPI.h"
#include "js/WeakMap.h"
#include "js/friend/MicroTask.h"
#include "js/GlobalObject.h"
#include "js/Realm.h"

#include <deque>

typedef void (*Rejection)(JSContext* cx, const Value* promise, bool handled);
typedef void (*JobFailed)(JSContext* cx);
typedef void (*Cleanup)(JSContext* cx, const Value* function);
typedef bool (*Dispatch)(void* closure, JS::Dispatchable* task, uint32_t delayMs);
typedef void (*Count)(void* closure, int change);

// await.cpp: which job of this thread runs, counted from its first
extern thread_local uint64_t sm_running_job;
// contextify.cpp
bool sm_context_keeps_jobs(JSObject* global);
void sm_context_kept_jobs(JSObject* global, const Value* replace, Value* current);

namespace {

// One a context: the current asynchronous context (an object or undefined) and, for jobs of already settled promises,
// which the engine gives no data, the context by absolute position in the queue.
class Queue final : public JS::JobQueue {
 public:
  explicit Queue(Value* context) : context_(context) {}

  bool getHostDefinedData(JSContext* cx, JS::MutableHandle<JSObject*> global, JS::MutableHandle<JSObject*> data) const override {
    if (context_->isObject()) {
      data.set(&context_->toObject());
      global.set(JS::GetNonCCWObjectGlobal(&context_->toObject()));
    } else {
      data.set(nullptr);
      global.set(nullptr);
    }
    return true;
  }
  bool getHostDefinedGlobal(JSContext* cx, JS::MutableHandle<JSObject*> data) const override {
    data.set(nullptr);
    note(cx);
    return true;
  }
  void runJobs(JSContext*) override {}
  bool isDrainingStopped() const override { return false; }

  void note(JSContext* cx) const {
    uint64_t position = taken + JS::GetRegularMicroTaskCount(cx);
    while (!side.empty() && side.back().position >= position) side.pop_back();
    if (context_->isObject()) side.push_back({position, JS::Heap<JSObject*>(&context_->toObject())});
  }
  struct Entry {
    uint64_t position;
    JS::Heap<JSObject*> context;
  };
  Value* context_;
  uint64_t taken = 0;
  mutable std::deque<Entry> side;
  JobFailed failed = nullptr;

 protected:
  class Saved : public SavedJobQueue {};
  js::UniquePtr<SavedJobQueue> saveJobQueue(JSContext*) override { return js::MakeUnique<Saved>(); }
};

void TraceQueue(JSTracer* trc, void* data) {
  for (auto& entry : ((Queue*)data)->side) JS::TraceEdge(trc, &entry.context, "asynchronous context");
}

Rejection gRejection = nullptr;
void OnRejection(JSContext* cx, bool, JS::HandleObject promise, JS::PromiseRejectionHandlingState state, void*) {
  JS::RootedValue p(cx, JS::ObjectValue(*promise));
  gRejection(cx, p.address(), state == JS::PromiseRejectionHandlingState::Handled);
}

Cleanup gCleanup = nullptr;
void OnCleanup(JSFunction* function, JSObject*, void* data) {
  Value f = JS::ObjectValue(*JS_GetFunctionObject(function));
  gCleanup((JSContext*)data, &f);
}

struct Loop {
  Dispatch dispatch;
  Count count;
  void* closure;
};
bool OnDispatch(void* c, js::UniquePtr<JS::Dispatchable>&& task) {
  auto* loop = (Loop*)c;
  return loop->dispatch(loop->closure, task.release(), 0);
}
bool OnDelayed(void* c, js::UniquePtr<JS::Dispatchable>&& task, uint32_t ms) {
  auto* loop = (Loop*)c;
  return loop->dispatch(loop->closure, task.release(), ms ? ms : 1);
}
// Takes the oldest job from the queue, with the asynchronous context that was noted for its place.
bool Next(JSContext* cx, Queue* queue, MutableHandleValue task, JS::MutableHandleObject context) {
  task.set(JS::DequeueNextMicroTask(cx));
  if (task.isNull()) return false;
  uint64_t index = queue->taken++;
  context.set(nullptr);
  while (!queue->side.empty() && queue->side.front().position <= index) {
    if (queue->side.front().position == index) context.set(queue->side.front().context);
    queue->side.pop_front();
  }
  return true;
}
// The realm that a job runs in, null when it is gone; a job's own data has the last word on its context.
JSObject* GlobalOfJob(JSContext* cx, HandleValue task, JS::MutableHandleObject context) {
  if (!JS::IsJSMicroTask(task)) return JS::GetNonCCWObjectGlobal(&task.toObject());
  JS::RootedObject job(cx, JS::ToMaybeWrappedJSMicroTask(task)), global(cx), data(cx);
  if (JS::MaybeGetHostDefinedDataFromJSMicroTask(job, &global, &data) && data) context.set(data);
  return JS::GetExecutionGlobalFromJSMicroTask(job);
}
// False when the job was terminated.
bool RunJob(JSContext* cx, Queue* queue, JS::HandleObject global, HandleValue task, JS::HandleObject context) {
  sm_running_job++;
  context ? queue->context_->setObject(*context) : queue->context_->setUndefined();
  {
    JSAutoRealm realm(cx, global);
    JS::RootedValue result(cx);
    JS::RootedObject job(cx, JS::IsJSMicroTask(task) ? JS::ToMaybeWrappedJSMicroTask(task) : nullptr);
    SmRunningJob running(cx, job);
    if (job) {
      if (JS::RunJSMicroTask(cx, job)) return true;
    } else if (JS::Call(cx, JS::UndefinedHandleValue, task, JS::HandleValueArray::empty(), &result)) {
      return true;
    }
  }
  if (!JS_IsExceptionPending(cx)) return false;
  JS::JobQueueMayNotBeEmpty(cx);
  queue->failed(cx);
  return true;
}
// Jobs of realms that run them only when they are told to: job and context take turns in an array.
bool KeepJob(JSContext* cx, JS::HandleObject global, HandleValue task, JS::HandleObject context) {
  Value slot;
  sm_context_kept_jobs(global, nullptr, &slot);
  JS::RootedObject array(cx, O(&slot));
  uint32_t length = 0;
  if (!array) {
    array = JS::NewArrayObject(cx, 0);
    if (!array) return false;
    JS::RootedValue v(cx, JS::ObjectValue(*array));
    sm_context_kept_jobs(global, v.address(), &slot);
  }
  JS::RootedValue with(cx, JS::ObjectOrNullValue(context));
  return JS::GetArrayLength(cx, array, &length) && JS_SetElement(cx, array, length, task) &&
         JS_SetElement(cx, array, length + 1, with);
}
bool TakeKeptJobs(JSContext* cx, JS::HandleObject global, JS::MutableHandleValueVector jobs) {
  Value slot, none = JS::UndefinedValue();
  sm_context_kept_jobs(global, nullptr, &slot);
  JS::RootedObject array(cx, O(&slot));
  if (!array) return true;
  sm_context_kept_jobs(global, &none, &slot);
  uint32_t length = 0;
  JS::RootedValue v(cx);
  if (!JS::GetArrayLength(cx, array, &length)) return false;
  for (uint32_t i = 0; i < length; i++) {
    if (!JS_GetElement(cx, array, i, &v) || !jobs.append(v)) return false;
  }
  return true;
}

void OnStarted(void* c, JS::Dispatchable*) { ((Loop*)c)->count(((Loop*)c)->closure, 1); }
void OnFinished(void* c, JS::Dispatchable*) { ((Loop*)c)->count(((Loop*)c)->closure, -1); }

}  // namespace

extern "C" {

// `context` is a rooted slot that holds the current asynchronous context.
void* sm_jobs_init(JSContext* cx, Value* context, JobFailed failed, Rejection rejection, Cleanup cleanup) {
  auto* queue = new Queue(context);
  queue->failed = failed;
  JS::SetJobQueue(cx, queue);
  JS_AddExtraGCRootsTracer(cx, TraceQueue, queue);
  gRejection = rejection;
  gCleanup = cleanup;
  JS::SetPromiseRejectionTrackerCallback(cx, OnRejection, nullptr);
  JS::SetHostCleanupFinalizationRegistryCallback(cx, OnCleanup, cx);
  return queue;
}
void sm_jobs_destroy(JSContext* cx, void* q) {
  JS::SetJobQueue(cx, nullptr);
  JS::SetPromiseRejectionTrackerCallback(cx, nullptr, nullptr);
  JS_RemoveExtraGCRootsTracer(cx, TraceQueue, q);
  delete (Queue*)q;
}
bool sm_jobs_pending(JSContext* cx) { return JS::HasAnyMicroTasks(cx); }
bool sm_jobs_enqueue(JSContext* cx, void* q, const Value* function) {
  auto* queue = (Queue*)q;
  queue->note(cx);
  return JS::EnqueueMicroTask(cx, *function);
}
// Runs jobs until none is left. `outermost`: no JavaScript frame is on the stack, so an await may continue at once.
// False when a job was terminated; exceptions of jobs go to `failed`.
bool sm_jobs_drain(JSContext* cx, void* q, bool outermost) {
  auto* queue = (Queue*)q;
  JS::RootedValue task(cx), saved(cx, *queue->context_);
  JS::RootedObject context(cx), global(cx);
  bool whole = true;
  while (whole && Next(cx, queue, &task, &context)) {
    if (outermost && !JS::HasAnyMicroTasks(cx)) JS::JobQueueIsEmpty(cx);
    else JS::JobQueueMayNotBeEmpty(cx);
    global = GlobalOfJob(cx, task, &context);
    if (!global) continue;
    whole = sm_context_keeps_jobs(global) ? KeepJob(cx, global, task, context) : RunJob(cx, queue, global, task, context);
  }
  JS::JobQueueMayNotBeEmpty(cx);
  *queue->context_ = saved;
  JS::ClearKeptObjects(cx);
  return whole;
}
void sm_clear_kept_objects(JSContext* cx) { JS::ClearKeptObjects(cx); }
// Runs the jobs of one realm that keeps them, until it has none; those of other realms stay, in their order.
bool sm_jobs_drain_realm(JSContext* cx, void* q, const Value* object) {
  auto* queue = (Queue*)q;
  JS::RootedObject realm(cx, JS::GetNonCCWObjectGlobal(O(object))), kept(cx), context(cx), global(cx);
  JS::RootedValue task(cx), saved(cx, *queue->context_), v(cx);
  JS::RootedValueVector others(cx), earlier(cx);
  bool whole = TakeKeptJobs(cx, realm, &earlier);
  for (size_t i = 0; whole && i < earlier.length(); i += 2) {
    task = earlier[i];
    context = O(earlier[i + 1].address());
    whole = RunJob(cx, queue, realm, task, context);
  }
  while (whole && Next(cx, queue, &task, &context)) {
    global = GlobalOfJob(cx, task, &context);
    if (!global) continue;
    if (global == realm) whole = RunJob(cx, queue, realm, task, context);
    else whole = others.append(task) && others.append(JS::ObjectOrNullValue(context));
  }
  for (size_t i = 0; i < others.length(); i += 2) {
    *queue->context_ = others[i + 1].isObject() ? others[i + 1] : JS::UndefinedValue();
    queue->note(cx);
    if (!JS::EnqueueMicroTask(cx, others[i])) whole = false;
  }
  *queue->context_ = saved;
  return whole;
}

void* sm_async_tasks(JSContext* cx, Dispatch dispatch, Count count, void* closure) {
  auto* loop = new Loop{dispatch, count, closure};
  JS::InitAsyncTaskCallbacks(cx, OnDispatch, OnDelayed, OnStarted, OnFinished, loop);
  return loop;
}
void sm_task_run(JSContext* cx, JS::Dispatchable* task, bool shuttingDown) {
  js::UniquePtr<JS::Dispatchable> owned(task);
  JS::Dispatchable::Run(cx, std::move(owned), shuttingDown ? JS::Dispatchable::ShuttingDown : JS::Dispatchable::NotShuttingDown);
}
}
