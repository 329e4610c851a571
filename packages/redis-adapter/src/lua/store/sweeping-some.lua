-- Sweeps until so many are removed. Entries are small where jobs end one by one, with followers of their own: a few of them for each batch that begins would
-- not be enough.
local function sweep_some(K, enough)
  repeat
    local more, gone = sweep(K)
    enough = enough - gone
  until not more or enough <= 0
end
