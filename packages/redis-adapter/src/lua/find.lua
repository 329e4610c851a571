-- ARGV: ids. Answers for each that has a record: its place, id, state, text, words of its state, when it is due, result, progress, errors, log lines.
local K = queue_at(1)
write_all_states()
local texts = redis.call('HMGET', K.jobs, unpack(ARGV))
local words = states_of(K, ARGV)
local dues = redis.call('ZMSCORE', K.later, unpack(ARGV))
local records = {}
for i, id in ipairs(ARGV) do
  local state = words[i] and parse(words[i])
  local st = state_of(texts[i], state, dues[i])
  if st ~= 'g' then
    local notes = { false, false, false, false }
    if state and state.flags ~= '-' then notes = redis.call('HMGET', K.notes, 'r' .. id, 'p' .. id, 'e' .. id, 'l' .. id) end
    records[#records + 1] = {
      i, id, st, texts[i], words[i] or '', dues[i] or '', notes[1], notes[2], entries_of(notes[3]), entries_of(notes[4]),
    }
  end
end
return records
