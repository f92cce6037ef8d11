'use strict';
// What a diagnostic report says of the process, the machine and an error. There is no native stack, and nothing of the
// engine's that V8 would tell.

const fs = require('fs');
const os = require('os');
const process = require('process');

function readText(path, encoding = 'utf8') {
  try {
    return fs.readFileSync(path, encoding);
  } catch {
    return '';
  }
}

/** The files that the program was loaded from. */
function sharedObjects() {
  const paths = readText('/proc/self/maps').matchAll(/\s(\/\S+\.so(?:\.\S+)?)$/gm);
  return [...new Set([...paths].map((match) => match[1]))];
}

// The library says it about itself; programs ask for it to tell it from others.
function glibcVersion(objects) {
  const path = objects.find((path) => /\/libc(?:\.so\.6|-[\d.]+\.so)$/.test(path));
  if (path === undefined) return undefined;
  return /GNU C Library [^\n]*version (\d+\.\d+)/.exec(readText(path, 'latin1'))?.[1];
}

function networkInterfaces() {
  return Object.entries(os.networkInterfaces()).flatMap(([name, addresses]) => addresses.map((each) => {
    const { internal, mac, address, netmask, family, scopeid } = each;
    return { name, internal, mac, address, netmask, family, ...scopeid === undefined ? {} : { scopeid } };
  }));
}

function header(event, trigger, filename, settings, objects) {
  const now = new Date();
  const glibc = glibcVersion(objects);
  const content = {
    reportVersion: 5,
    event,
    trigger,
    filename,
    dumpEventTime: `${now.toISOString().slice(0, 19)}Z`,
    dumpEventTimeStamp: `${now.getTime()}`,
    processId: process.pid,
    threadId: require('worker_threads').threadId,
    cwd: process.cwd(),
    commandLine: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    nodejsVersion: process.version,
    ...glibc === undefined ? {} : { glibcVersionRuntime: glibc, glibcVersionCompiler: glibc },
    wordSize: 64,
    arch: process.arch,
    platform: process.platform,
    componentVersions: { ...process.versions },
    release: { ...process.release },
    osName: os.type(),
    osRelease: os.release(),
    osVersion: os.version(),
    osMachine: os.machine(),
    cpus: os.cpus().map(({ model, speed, times }) => ({ model, speed, ...times })),
  };
  if (!settings.excludeNetwork) content.networkInterfaces = networkInterfaces();
  content.host = os.hostname();
  return content;
}

function javascriptStack(error) {
  if (typeof error !== 'object' || error === null || typeof error.stack !== 'string') {
    return { message: String(error), stack: ['Unavailable.'], errorProperties: {} };
  }
  const [message, ...stack] = error.stack.split('\n');
  const properties = Object.keys(error).map((key) => [key, String(error[key])]);
  return { message, stack: stack.map((line) => line.trim()), errorProperties: Object.fromEntries(properties) };
}

function javascriptHeap() {
  const heap = require('v8').getHeapStatistics();
  return {
    totalMemory: heap.total_heap_size,
    executableMemory: heap.total_heap_size_executable,
    totalCommittedMemory: heap.total_physical_size,
    availableMemory: heap.total_available_size,
    totalGlobalHandlesMemory: heap.total_global_handles_size,
    usedGlobalHandlesMemory: heap.used_global_handles_size,
    usedMemory: heap.used_heap_size,
    memoryLimit: heap.heap_size_limit,
    mallocedMemory: heap.malloced_memory,
    externalMemory: heap.external_memory,
    peakMallocedMemory: heap.peak_malloced_memory,
    nativeContextCount: heap.number_of_native_contexts,
    detachedContextCount: heap.number_of_detached_contexts,
    doesZapGarbage: heap.does_zap_garbage,
    heapSpaces: {},
  };
}

function usageOf(user, system) {
  const seconds = Math.max(process.uptime(), 0.001);
  const [inUser, inSystem] = [user / 1e6, system / 1e6];
  return {
    userCpuSeconds: inUser,
    kernelCpuSeconds: inSystem,
    cpuConsumptionPercent: (inUser + inSystem) / seconds * 100,
    userCpuConsumptionPercent: inUser / seconds * 100,
    kernelCpuConsumptionPercent: inSystem / seconds * 100,
  };
}

function resourceUsage() {
  const usage = process.resourceUsage();
  return {
    free_memory: `${os.freemem()}`,
    total_memory: `${os.totalmem()}`,
    rss: `${process.memoryUsage.rss()}`,
    constrained_memory: `${process.constrainedMemory()}`,
    available_memory: `${process.availableMemory()}`,
    ...usageOf(usage.userCPUTime, usage.systemCPUTime),
    maxRss: `${usage.maxRSS * 1024}`,
    pageFaults: { IORequired: usage.majorPageFault, IONotRequired: usage.minorPageFault },
    fsActivity: { reads: usage.fsRead, writes: usage.fsWrite },
  };
}

const limits = {
  core_file_size_blocks: 'Max core file size',
  data_seg_size_bytes: 'Max data size',
  file_size_blocks: 'Max file size',
  max_locked_memory_bytes: 'Max locked memory',
  max_memory_size_bytes: 'Max resident set',
  open_files: 'Max open files',
  stack_size_bytes: 'Max stack size',
  cpu_time_seconds: 'Max cpu time',
  max_user_processes: 'Max processes',
  virtual_memory_bytes: 'Max address space',
};

function userLimits() {
  const text = readText('/proc/self/limits');
  const valueOf = (word) => (word === 'unlimited' ? word : Number(word));
  const rows = Object.entries(limits).map(([name, title]) => {
    const found = new RegExp(`^${title}\\s+(\\S+)\\s+(\\S+)`, 'm').exec(text);
    return found === null ? undefined : [name, { soft: valueOf(found[1]), hard: valueOf(found[2]) }];
  });
  return Object.fromEntries(rows.filter((row) => row !== undefined));
}

function contentOf(event, trigger, filename, error, settings) {
  const objects = sharedObjects();
  const { user, system } = process.threadCpuUsage();
  const content = {
    header: header(event, trigger, filename, settings, objects),
    javascriptStack: javascriptStack(error),
    javascriptHeap: javascriptHeap(),
    nativeStack: [],
    resourceUsage: resourceUsage(),
    uvthreadResourceUsage: { ...usageOf(user, system), fsActivity: { reads: 0, writes: 0 } },
    libuv: [],
    workers: [],
  };
  if (!settings.excludeEnv) content.environmentVariables = { ...process.env };
  content.userLimits = userLimits();
  content.sharedObjects = objects;
  return content;
}

module.exports = { contentOf };
