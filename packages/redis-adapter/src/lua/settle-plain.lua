local plain_groups = read_plain(2)
if plain_groups then
  allow_when_full()
  settle_plain(plain_groups)
  return {}
end
