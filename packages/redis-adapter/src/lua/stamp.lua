-- The time of an enqueue as digits, but greater than any before: the order of a group must not depend on the clock. (That of plain jobs is where they
-- stand in the list, so they do with the time.)
local function next_stamp(meta)
  local last = tonumber(redis.call('HGET', meta, 'stamp') or 0)
  local stamp = math.max(micros, last + 1)
  redis.call('HSET', meta, 'stamp', stamp)
  return digits_of(stamp)
end
