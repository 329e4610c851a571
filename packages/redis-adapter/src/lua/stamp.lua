local DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'

local function base36(number)
  local digits = {}
  for place = 10, 1, -1 do
    local rest = number % 36
    digits[place] = string.sub(DIGITS, rest + 1, rest + 1)
    number = (number - rest) / 36
  end
  return table.concat(digits)
end

-- Microseconds since 1970 by the server's clock as ten digits, but greater than any before: the order of enqueueing must not depend on the clock.
local function next_stamp(meta)
  local last = tonumber(redis.call('HGET', meta, 'stamp') or 0)
  local stamp = math.max(micros, last + 1)
  redis.call('HSET', meta, 'stamp', stamp)
  return base36(stamp)
end
