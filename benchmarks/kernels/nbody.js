// Floating point in objects: the sun and four planets, 400,000 steps.
function bodies() {
  const year = 365.24;
  const solarMass = 4 * Math.PI * Math.PI;
  const rows = [
    [0, 0, 0, 0, 0, 0, 1],
    [4.841431442464721, -1.1603200440274284, -0.10362204447112311, 0.001660076642744037, 0.007699011184197404, -0.0000690460016972063, 0.0009547919384243266],
    [8.34336671824458, 4.124798564124305, -0.4035234171143214, -0.002767425107268624, 0.004998528012349172, 0.00002304172975737639, 0.0002858859806661308],
    [12.894369562139131, -15.111151401698631, -0.22330757889265573, 0.002964601375647616, 0.0023784717395948095, -0.000029658956854023756, 0.00004366244043351563],
    [15.379697114850917, -25.919314609987964, 0.17925877295037118, 0.0026806777249038932, 0.001628241700382423, -0.00009515922545197159, 0.000051513890204661145],
  ];
  return rows.map(([x, y, z, vx, vy, vz, mass]) =>
    ({ x, y, z, vx: vx * year, vy: vy * year, vz: vz * year, mass: mass * solarMass }));
}

function advance(all, dt) {
  for (let i = 0; i < all.length; i++) {
    const a = all[i];
    for (let j = i + 1; j < all.length; j++) {
      const b = all[j];
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const dz = a.z - b.z;
      const squared = dx * dx + dy * dy + dz * dz;
      const strength = dt / (squared * Math.sqrt(squared));
      a.vx -= dx * b.mass * strength;
      a.vy -= dy * b.mass * strength;
      a.vz -= dz * b.mass * strength;
      b.vx += dx * a.mass * strength;
      b.vy += dy * a.mass * strength;
      b.vz += dz * a.mass * strength;
    }
  }
  for (const body of all) {
    body.x += dt * body.vx;
    body.y += dt * body.vy;
    body.z += dt * body.vz;
  }
}

require('./measure.js')('n-body', () => {
  const all = bodies();
  for (let step = 0; step < 400_000; step++) advance(all, 0.01);
  return Number.isFinite(all[0].x);
}, true);
