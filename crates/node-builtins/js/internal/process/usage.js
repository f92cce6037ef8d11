'use strict';
// Time, processor and memory that the process uses, and what keeps it alive.

const { codes: { ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE } } = require('internal/errors');
const { validateArray, validateNumber, validateObject } = require('internal/validators');

function hrtime(time) {
  const now = binding.time();
  if (time === undefined) return now;
  validateArray(time, 'time');
  if (time.length !== 2) throw new ERR_OUT_OF_RANGE('time', 2, time.length);
  const seconds = now[0] - time[0];
  const nanoseconds = now[1] - time[1];
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
}

const hrtimeBigInt = () => binding.timeBig();

const uptime = () => binding.uptime();

const isCount = (value) => value <= Number.MAX_SAFE_INTEGER && value >= 0;

function since(times, previous) {
  const { 0: user, 1: system } = times();
  if (!previous) return { user, system };
  validateObject(previous, 'prevValue');
  for (const key of ['user', 'system']) {
    validateNumber(previous[key], `prevValue.${key}`);
    if (!isCount(previous[key])) {
      throw new ERR_INVALID_ARG_VALUE.RangeError(`prevValue.${key}`, previous[key]);
    }
  }
  return { user: user - previous.user, system: system - previous.system };
}

const cpuUsage = { cpuUsage(prevValue) { return since(binding.cpu, prevValue); } }.cpuUsage;
const threadCpuUsage =
  { threadCpuUsage(prevValue) { return since(binding.threadCpu, prevValue); } }.threadCpuUsage;

const resourceNames = [
  'userCPUTime', 'systemCPUTime', 'maxRSS', 'sharedMemorySize', 'unsharedDataSize', 'unsharedStackSize',
  'minorPageFault', 'majorPageFault', 'swappedOut', 'fsRead', 'fsWrite', 'ipcSent', 'ipcReceived',
  'signalsCount', 'voluntaryContextSwitches', 'involuntaryContextSwitches',
];

function resourceUsage() {
  const values = binding.resources();
  return Object.fromEntries(resourceNames.map((name, index) => [name, values[index]]));
}

function memoryUsage() {
  const { 0: heapTotal, 1: heapUsed, 2: external, 3: arrayBuffers } = binding.heap();
  return { rss: binding.resident(), heapTotal, heapUsed, external, arrayBuffers };
}

const residentMemory = () => binding.resident();

const constrainedMemory = () => binding.constrained();
const availableMemory = () => binding.available();

class Request {}

/** One object for each operation that is under way; there is nothing to be done with them. */
const _getActiveRequests = () => Array.from({ length: binding.calls() }, () => new Request());

/** Names of what keeps the loop alive, once for each. */
function getActiveResourcesInfo() {
  const { timeouts, immediates } = require('internal/timers').getTimerCounts();
  return [
    ...new Array(binding.calls()).fill('Request'),
    ...new Array(timeouts).fill('Timeout'),
    ...new Array(immediates).fill('Immediate'),
  ];
}

function exposeGarbageCollector() {
  Object.defineProperty(globalThis, 'gc', {
    __proto__: null, value: function gc() { binding.collectGarbage(); },
    writable: true, enumerable: false, configurable: true,
  });
}

module.exports = {
  _getActiveRequests,
  availableMemory,
  constrainedMemory,
  cpuUsage,
  exposeGarbageCollector,
  getActiveResourcesInfo,
  hrtime,
  hrtimeBigInt,
  memoryUsage,
  residentMemory,
  resourceUsage,
  threadCpuUsage,
  uptime,
};
