'use strict';
// How long something took, as console.timeEnd() says it.

const pad = (text) => String(text).padStart(2, '0');

function formatTime(milliseconds) {
  if (milliseconds < 1000) return `${Number(milliseconds.toFixed(3))}ms`;
  const hours = Math.floor(milliseconds / 3600000);
  const minutes = Math.floor(milliseconds % 3600000 / 60000);
  const seconds = (milliseconds % 60000 / 1000).toFixed(3);
  if (hours > 0) return `${hours}:${pad(minutes)}:${seconds.padStart(6, '0')} (h:mm:ss.mmm)`;
  if (minutes > 0) return `${minutes}:${seconds.padStart(6, '0')} (m:ss.mmm)`;
  return `${seconds}s`;
}

module.exports = { formatTime };
