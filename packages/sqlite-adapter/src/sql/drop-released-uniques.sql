delete from jobport_uniques where (queue, key) in (
  select queue, key from jobport_uniques where released = 1 and until <= ? limit 100
)
