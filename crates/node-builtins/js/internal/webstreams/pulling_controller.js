'use strict';
// Owns what both controllers of readable streams do alike: starting the source,
// and pulling from it when more is wanted.

const { react, afterwards, resolvedUndefined, promiseResolvedWith } =
  require('internal/webstreams/util');

/** The slots that both kinds have. A kind adds its queue, `queuedSize` and `shouldCallPull()`. */
class PullingController {
  constructor(stream, pull, cancel, highWaterMark) {
    /** The public object. */
    this.owner = undefined;
    this.stream = stream;
    this.started = false;
    this.closeRequested = false;
    this.pullAgain = false;
    this.pulling = false;
    this.highWaterMark = highWaterMark;
    // Functions, the first one's answer for afterwards(), the second one's a promise; undefined
    // for those that do nothing.
    this.pullAlgorithm = pull;
    this.cancelAlgorithm = cancel;
    this.onPulled = () => {
      this.pulling = false;
      if (this.pullAgain) {
        this.pullAgain = false;
        this.callPullIfNeeded();
      }
    };
    this.onPullFailed = (reason) => { this.error(reason); };
    stream.controller = this;
  }

  start(startResult) {
    react(promiseResolvedWith(startResult), () => {
      this.started = true;
      this.callPullIfNeeded();
    }, this.onPullFailed);
  }

  callPullIfNeeded() {
    if (!this.shouldCallPull()) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    this.pulling = true;
    const { pullAlgorithm } = this;
    const pulled = pullAlgorithm === undefined ? undefined : pullAlgorithm(this.owner);
    afterwards(pulled, this.onPulled, this.onPullFailed);
  }

  get desiredSize() {
    switch (this.stream.state) {
      case 'errored': return null;
      case 'closed': return 0;
      default: return this.highWaterMark - this.queuedSize;
    }
  }

  callCancel(reason) {
    const { cancelAlgorithm } = this;
    const result = cancelAlgorithm === undefined ? resolvedUndefined : cancelAlgorithm(reason);
    this.clearAlgorithms();
    return result;
  }
}

// Programs may have defined properties of the same names on Object.prototype.
Object.setPrototypeOf(PullingController.prototype, null);

module.exports = PullingController;
