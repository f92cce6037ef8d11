// Building, joining, cutting and searching text.
require('./measure.js')('strings', () => {
  let text = '';
  for (let index = 0; index < 600_000; index++) text += index % 10 === 0 ? '\n' : `w${index % 97} `;
  const parts = text.split('\n');
  const joined = parts.map((part) => part.trim().toUpperCase()).join('|');
  let count = 0;
  for (let at = joined.indexOf('W42'); at !== -1; at = joined.indexOf('W42', at + 1)) count++;
  let sum = 0;
  for (let index = 0; index < joined.length; index++) sum = (sum + joined.charCodeAt(index)) | 0;
  return count > 5_000 && sum !== 0;
}, true);
