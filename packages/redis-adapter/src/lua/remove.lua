-- ARGV: whether this is a cluster, the state that jobs must have ('' for any), then ids. Answers for each '1' or '0'.
local K = queue_at(1)
write_all_states()
local answers, entries = {}, {}
for i = 3, #ARGV do
  local id = ARGV[i]
  local text, state, st = look_up(K, id)
  if st == 'g' or st == 'a' or (ARGV[2] ~= '' and st ~= ARGV[2]) then
    answers[i - 2] = '0'
  else
    if st == 'w' or st == 's' then displace(K, id, text, state) end
    erase(K, id, text, state)
    if state and is_final(state) then entries[state.st .. state.keep_until] = state end
    answers[i - 2] = '1'
  end
end
for _, state in pairs(entries) do strike_entries(K, state.st, tonumber(state.keep_until)) end
wake_if_stirred(K, ARGV[1] == '1')
return table.concat(answers)
