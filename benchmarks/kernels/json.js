// JSON.parse and JSON.stringify of 3 MB of records.
const records = Array.from({ length: 20_000 }, (_, index) => ({
  id: index,
  name: `record ${index}`,
  tags: ['alpha', 'beta', `tag-${index % 17}`],
  price: index * 1.25,
  nested: { ok: index % 2 === 0, text: 'line\nwith "quotes" and ünïcode' },
}));
const text = JSON.stringify(records);

require('./measure.js')('JSON', () => {
  let length = 0;
  for (let round = 0; round < 5; round++) length += JSON.stringify(JSON.parse(text)).length;
  return length === text.length * 5;
}, true);
