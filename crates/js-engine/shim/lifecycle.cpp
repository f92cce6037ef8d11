// Contexts, realms, garbage collection, interrupts.
#include "shim.h"

#include <atomic>

#include "js/BuildId.h"
#include "js/CallAndConstruct.h"
#include "js/Context.h"
#include "js/ContextOptions.h"
#include "js/GCAPI.h"
#include "js/GlobalObject.h"
#include "js/HelperThreadAPI.h"
#include "js/Id.h"
#include "js/Initialization.h"
#include "js/Interrupt.h"
#include "js/Object.h"
#include "js/Prefs.h"
#include "js/Promise.h"
#include "js/PropertyAndElement.h"
#include "js/Realm.h"
#include "js/RealmOptions.h"
#include "js/Stack.h"
#include "js/TracingAPI.h"
#include "js/ValueArray.h"

namespace {

char gBuildId[128];
size_t gBuildIdLength = 0;

bool BuildId(JS::BuildIdCharVector* id) { return id->append(gBuildId, gBuildIdLength); }

typedef void (*TraceSlots)(JSTracer* trc, void* data);

// Traced in every collection, minor ones too: exactly what the handle stack needs.
class HandleStackRooter final : public JS::CustomAutoRooter {
 public:
  HandleStackRooter(JSContext* cx, TraceSlots trace, void* data) : CustomAutoRooter(cx), trace_(trace), data_(data) {}

 private:
  void trace(JSTracer* trc) override { trace_(trc, data_); }
  TraceSlots trace_;
  void* data_;
};

typedef bool (*CacheWriter)(const uint8_t* data, size_t length);
CacheWriter gCacheWriter = nullptr;

bool WriteSelfHosted(JSContext*, JS::SelfHostedCache cache) {
  return gCacheWriter(cache.Elements(), cache.Length());
}

}  // namespace

extern "C" {

bool sm_init(const char* buildId, size_t length) {
  gBuildIdLength = length < sizeof(gBuildId) ? length : sizeof(gBuildId);
  memcpy(gBuildId, buildId, gBuildIdLength);
  JS::SetProcessBuildIdOp(BuildId);
  // Else the engine starts a thread and reads three files to learn when the process began, a millisecond of every start
  // for a time that nothing here asks for.
  bool isOwn = setenv("MOZ_APP_RESTART", "1", 0) == 0;
  bool started = JS_Init();
  if (isOwn) unsetenv("MOZ_APP_RESTART");
  return started;
}

// Tasks go to threads of the caller's, of which there are `count` at most.
void sm_use_helper_threads(JS::HelperThreadTaskCallback take, size_t count, size_t stack) {
  JS::SetHelperThreadTaskCallback(take, count, stack);
}
void sm_run_helper_task(JS::HelperThreadTask* task) { JS::RunHelperThreadTask(task); }

static std::atomic<int> gContexts{0};

JSContext* sm_new_context(JSRuntime* parent, uint32_t maxBytes, size_t stackQuota) {
  JSContext* cx = JS_NewContext(maxBytes, parent);
  if (!cx) return nullptr;
  gContexts++;
  // Changing pages of code from writable to executable and back costs a system call for each stub, a tenth of the time of
  // short programs. V8 and JavaScriptCore leave them both, too.
  if (!parent) JS_SetGlobalJitCompilerOption(cx, JSJITCOMPILER_WRITE_PROTECT_CODE, 0);
  JS_SetGCParameter(cx, JSGC_INCREMENTAL_GC_ENABLED, 1);
  JS_SetGCParameter(cx, JSGC_PER_ZONE_GC_ENABLED, 1);
  JS_SetNativeStackQuota(cx, stackQuota, stackQuota - 10 * 1024, stackQuota - 110 * 1024);
  return cx;
}

bool sm_init_self_hosted(JSContext* cx, const uint8_t* cache, size_t length, CacheWriter writer) {
  gCacheWriter = writer;
  JS::ContextOptionsRef(cx).setAsyncStack(false);
  return JS::InitSelfHostedCode(cx, JS::SelfHostedCache(cache, length), writer ? WriteSelfHosted : nullptr);
}

void sm_jobs_destroy(JSContext* cx, void* queue);
void sm_destroy_context(JSContext* cx, void* queue) {
  if (JS::CurrentGlobalOrNull(cx)) JS::LeaveRealm(cx, nullptr);
  JS::ShutdownAsyncTasks(cx);
  sm_jobs_destroy(cx, queue);
  JS_DestroyContext(cx);
  gContexts--;
}
void sm_shut_down() {
  if (gContexts == 0) JS_ShutDown();
}

JSRuntime* sm_runtime(JSContext* cx) { return JS_GetRuntime(cx); }
void sm_set_private(JSContext* cx, void* data) { JS_SetContextPrivate(cx, data); }
void* sm_private(JSContext* cx) { return JS_GetContextPrivate(cx); }

void* sm_root_slots(JSContext* cx, TraceSlots trace, void* data) { return new HandleStackRooter(cx, trace, data); }
void sm_add_roots(JSContext* cx, JSTraceDataOp trace, void* data) { JS_AddExtraGCRootsTracer(cx, trace, data); }
void sm_trace_slots(JSTracer* trc, Value* first, size_t count) {
  for (size_t i = 0; i < count; i++) JS::TraceRoot(trc, first + i, "handle");
}
void sm_trace_heap(JSTracer* trc, JS::Heap<Value>* slot) { JS::TraceEdge(trc, slot, "persistent"); }
void sm_heap_set(JS::Heap<Value>* slot, const Value* value) { slot->set(*value); }

void sm_gc(JSContext* cx) { JS::NonIncrementalGC(cx, JS::GCOptions::Normal, JS::GCReason::API), JS_GC(cx); }
void sm_gc_parameter(JSContext* cx, uint32_t key, uint32_t value) { JS_SetGCParameter(cx, JSGCParamKey(key), value); }
uint32_t sm_gc_parameter_get(JSContext* cx, uint32_t key) { return JS_GetGCParameter(cx, JSGCParamKey(key)); }
size_t sm_heap_bytes(JSContext* cx) { return JS_GetGCParameter(cx, JSGC_BYTES); }
void sm_set_stack_quota(JSContext* cx, size_t quota) {
  JS_SetNativeStackQuota(cx, quota, quota - 10 * 1024, quota - 110 * 1024);
}

bool sm_on_interrupt(JSContext* cx, JSInterruptCallback callback) { return JS_AddInterruptCallback(cx, callback); }
// From any thread, while the context lives.
void sm_request_interrupt(JSContext* cx) { JS_RequestInterruptCallback(cx); }
void sm_futex_can_wait(JSContext* cx) { JS_SetFutexCanWait(cx); }
void sm_on_out_of_memory(JSContext* cx, JS::OutOfMemoryCallback callback, void* data) {
  JS::SetOutOfMemoryCallback(cx, callback, data);
}

// Names that a global gets when they are first looked at. Its slots: an object of names that are not enumerable, one of
// names that are, and the function that makes the value from what such an object holds by the name, and the name.
enum LazySlot : uint32_t { kLazyHidden, kLazyEnumerable, kLazyMake };
static bool IsLazy(JSObject* global) { return JS::GetReservedSlot(global, kLazyMake).isObject(); }

static bool ResolveGlobal(JSContext* cx, JS::HandleObject global, JS::HandleId id, bool* resolved) {
  if (!JS_ResolveStandardClass(cx, global, id, resolved)) return false;
  if (*resolved || !id.isString() || !IsLazy(global)) return true;
  JS::RootedValue make(cx, JS::GetReservedSlot(global, kLazyMake)), value(cx);
  JS::RootedObject names(cx);
  JS::RootedValueArray<2> arguments(cx);
  for (uint32_t slot = kLazyHidden; slot <= kLazyEnumerable; slot++) {
    names = &JS::GetReservedSlot(global, slot).toObject();
    bool found;
    if (!JS_HasOwnPropertyById(cx, names, id, &found)) return false;
    if (!found) continue;
    if (!JS_GetPropertyById(cx, names, id, arguments[0])) return false;
    arguments[1].setString(id.toString());
    if (!JS::Call(cx, JS::UndefinedHandleValue, make, arguments, &value)) return false;
    unsigned attributes = JSPROP_RESOLVING | (slot == kLazyEnumerable ? JSPROP_ENUMERATE : 0);
    if (!JS_DefinePropertyById(cx, global, id, value, attributes)) return false;
    *resolved = true;
    return JS_DeletePropertyById(cx, names, id);
  }
  return true;
}
static bool EnumerateGlobal(JSContext* cx, JS::HandleObject global, JS::MutableHandleIdVector ids, bool enumerableOnly) {
  if (!JS_NewEnumerateStandardClasses(cx, global, ids, enumerableOnly)) return false;
  if (!IsLazy(global)) return true;
  JS::RootedObject names(cx);
  JS::RootedIdVector own(cx);
  for (uint32_t slot = enumerableOnly ? kLazyEnumerable : kLazyHidden; slot <= kLazyEnumerable; slot++) {
    names = &JS::GetReservedSlot(global, slot).toObject();
    own.clear();
    if (!js::GetPropertyKeys(cx, names, JSITER_OWNONLY, &own)) return false;
    for (size_t i = 0; i < own.length(); i++) {
      if (!ids.append(own[i])) return false;
    }
  }
  return true;
}
static bool MayResolveGlobal(const JSAtomState& names, jsid id, JSObject* global) {
  return !global || IsLazy(global) || JS_MayResolveStandardClass(names, id, global);
}

static const JSClassOps gGlobalOps = {
    nullptr, nullptr, JS_EnumerateStandardClasses, EnumerateGlobal, ResolveGlobal,
    MayResolveGlobal, nullptr, nullptr, nullptr, JS_GlobalObjectTraceHook,
};
static const JSClass gGlobalClass = {"global", JSCLASS_GLOBAL_FLAGS, &gGlobalOps};

// A realm of its own; beside `sibling` (same compartment, so objects pass without wrappers) when that is given.
bool sm_new_global(JSContext* cx, const Value* sibling, Value* out) {
  JS::RealmOptions options;
  options.creationOptions().setSharedMemoryAndAtomicsEnabled(true);
  options.behaviors().setClampAndJitterTime(false);
  if (sibling) options.creationOptions().setExistingCompartment(O(sibling));
  JSObject* global = JS_NewGlobalObject(cx, &gGlobalClass, nullptr, JS::FireOnNewGlobalHook, options);
  if (!global) return false;
  out->setObject(*global);
  return true;
}
JS::Realm* sm_enter_realm(JSContext* cx, const Value* object) { return JS::EnterRealm(cx, O(object)); }
void sm_leave_realm(JSContext* cx, JS::Realm* previous) { JS::LeaveRealm(cx, previous); }
// An IANA name; empty for the system's.
void sm_set_time_zone(JSContext* cx, const char* name) {
  JS::SetRealmTimezoneOverride(js::GetContextRealm(cx), *name ? name : nullptr);
}
void sm_global_of(JSContext*, const Value* object, Value* out) {
  out->setObject(*JS::GetNonCCWObjectGlobal(O(object)));
}
// Gives the current global the names of both objects, whose values `make` makes when they are first looked at.
void sm_global_lazily(JSContext* cx, const Value* hidden, const Value* enumerable, const Value* make) {
  JSObject* global = JS::CurrentGlobalOrNull(cx);
  JS::SetReservedSlot(global, kLazyHidden, *hidden);
  JS::SetReservedSlot(global, kLazyEnumerable, *enumerable);
  JS::SetReservedSlot(global, kLazyMake, *make);
}
void sm_current_global(JSContext* cx, Value* out) {
  JSObject* global = JS::CurrentGlobalOrNull(cx);
  global ? out->setObject(*global) : out->setUndefined();
}

bool sm_pref_bool(const char* name, bool value) {
#define KNIT_PREF_bool(NAME, SETTER) \
  if (!strcmp(name, NAME)) {         \
    JS::Prefs::SETTER(value);        \
    return true;                     \
  }
#define KNIT_PREF_int32_t(NAME, SETTER)
#define KNIT_PREF_uint32_t(NAME, SETTER)
#define KNIT_PREF(NAME, CPP, TYPE, SETTER, STARTUP, ALWAYS) KNIT_PREF_##TYPE(NAME, SETTER)
  FOR_EACH_JS_PREF(KNIT_PREF)
#undef KNIT_PREF
  return false;
}
}
