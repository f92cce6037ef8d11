// The microtask queue, the asynchronous context that its jobs carry, rejections, and work from other threads.
#include "shim.h"

#include "js/Promise.h"
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
  JS::RootedValue task(cx), saved(cx, *queue->context_), result(cx);
  JS::RootedObject job(cx), global(cx), data(cx), home(cx, JS::CurrentGlobalOrNull(cx));
  bool whole = true;
  for (;;) {
    task = JS::DequeueNextMicroTask(cx);
    if (task.isNull()) break;
    uint64_t index = queue->taken++;
    JSObject* context = nullptr;
    while (!queue->side.empty() && queue->side.front().position <= index) {
      if (queue->side.front().position == index) context = queue->side.front().context;
      queue->side.pop_front();
    }
    if (outermost && !JS::HasAnyMicroTasks(cx)) JS::JobQueueIsEmpty(cx);
    else JS::JobQueueMayNotBeEmpty(cx);
    bool ok;
    if (JS::IsJSMicroTask(task)) {
      job = JS::ToMaybeWrappedJSMicroTask(task);
      if (JS::MaybeGetHostDefinedDataFromJSMicroTask(job, &global, &data) && data) context = data;
      JSObject* g = JS::GetExecutionGlobalFromJSMicroTask(job);
      if (!g) continue;
      context ? queue->context_->setObject(*context) : queue->context_->setUndefined();
      JSAutoRealm realm(cx, g);
      ok = JS::RunJSMicroTask(cx, job);
    } else {
      context ? queue->context_->setObject(*context) : queue->context_->setUndefined();
      JSAutoRealm realm(cx, &task.toObject());
      ok = JS::Call(cx, JS::UndefinedHandleValue, task, JS::HandleValueArray::empty(), &result);
    }
    if (!ok) {
      if (!JS_IsExceptionPending(cx)) {
        whole = false;
        break;
      }
      JS::JobQueueMayNotBeEmpty(cx);
      JSAutoRealm realm(cx, home);
      queue->failed(cx);
    }
  }
  JS::JobQueueMayNotBeEmpty(cx);
  *queue->context_ = saved;
  JS::ClearKeptObjects(cx);
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
