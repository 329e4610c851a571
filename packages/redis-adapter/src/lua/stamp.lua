-- Nine digits of base 64, from '0' on in the order of their codes.
local function digits_of(number)
  local codes = { 0, 0, 0, 0, 0, 0, 0, 0, 0 }
  for place = 9, 1, -1 do
    local digit = number % 64
    codes[place] = 48 + digit
    number = (number - digit) / 64
  end
  return string.char(unpack(codes))
end

-- The time of an enqueue as digits, but greater than any before: the order of a group must not depend on the clock. (That of plain jobs is where they
-- stand in the list, so they do with the time.)
local function next_stamp(meta)
  local last = tonumber(redis.call('HGET', meta, 'stamp') or 0)
  local stamp = math.max(micros, last + 1)
  redis.call('HSET', meta, 'stamp', stamp)
  return digits_of(stamp)
end
