-- The parts of an appended list, without their lengths.
local function entries_of(list)
  local entries = {}
  local at = 1
  while list and at <= #list do
    local colon = string.find(list, ':', at, true)
    local stop = colon + tonumber(string.sub(list, at, colon - 1))
    entries[#entries + 1] = string.sub(list, colon + 1, stop)
    at = stop + 1
  end
  return entries
end

-- 'g' for a job without a record, else its state: 'w', 's', 'a', 'c', 'd' or 'x'.
local function state_of(text, state, due)
  if not text or text == '' then return 'g' end
  if state and is_final(state) then return tonumber(state.keep_until) > now and state.st or 'g' end
  if state and state.st == 'a' then return 'a' end
  return due and tonumber(due) > now and 's' or 'w'
end
