// Objects of several classes that call each other through a scheduler, as simulations of operating systems do.
class Task {
  constructor(id, next) {
    this.id = id;
    this.next = next;
    this.inbox = null;
    this.done = 0;
  }
  run() { return this.next; }
}

class Worker extends Task {
  run(packet) {
    if (packet === null) return this.next;
    packet.value = (packet.value * 31 + this.id) | 0;
    this.done++;
    return this.next;
  }
}

class Device extends Task {
  run(packet) {
    if (packet !== null && (packet.value & 1) === 0) packet.value >>= 1;
    else if (packet !== null) packet.value = (packet.value * 3 + 1) | 0;
    this.done++;
    return this.next;
  }
}

class Idle extends Task {
  run(packet) {
    this.done++;
    if (packet !== null) packet.hops++;
    return this.next;
  }
}

require('./measure.js')('scheduler', () => {
  const first = new Idle(0, null);
  let last = first;
  for (let id = 1; id < 30; id++) {
    const task = id % 3 === 0 ? new Idle(id, null) : id % 3 === 1 ? new Worker(id, null) : new Device(id, null);
    last.next = task;
    last = task;
  }
  last.next = first;
  const packet = { value: 1, hops: 0 };
  let task = first;
  for (let step = 0; step < 6_000_000; step++) task = task.run(step % 7 === 0 ? null : packet);
  return packet.hops > 0;
}, true);
