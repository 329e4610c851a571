local plain_groups, left = read_plain(5)
if plain_groups and is_plain() then
  allow_when_full()
  settle_plain(plain_groups, left)
  return { {}, claim_plain(tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[1] == '1') }
end
