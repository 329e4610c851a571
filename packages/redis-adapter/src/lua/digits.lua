-- Nine digits of base 64, from '0' on in the order of their codes. Written out, since a table and a loop take twice as long.
local function digits_of(n)
  local i = n % 64
  n = (n - i) / 64
  local h = n % 64
  n = (n - h) / 64
  local g = n % 64
  n = (n - g) / 64
  local f = n % 64
  n = (n - f) / 64
  local e = n % 64
  n = (n - e) / 64
  local d = n % 64
  n = (n - d) / 64
  local c = n % 64
  n = (n - c) / 64
  local b = n % 64
  return string.char(48 + (n - b) / 64, 48 + b, 48 + c, 48 + d, 48 + e, 48 + f, 48 + g, 48 + h, 48 + i)
end
