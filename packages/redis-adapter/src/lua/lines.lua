-- Items of a text in lines, above all ids.
local function split(text)
  local items, count = {}, 0
  for item in string.gmatch(text, '[^\n]+') do
    count = count + 1
    items[count] = item
  end
  return items
end

-- The same for items of one length, as ids mostly are; 0 if they are not.
local function split_evenly(text, length)
  if length == 0 then return split(text) end
  local sub, items, count = string.sub, {}, 0
  for at = 1, #text, length + 1 do
    count = count + 1
    items[count] = sub(text, at, at + length - 1)
  end
  return items
end
