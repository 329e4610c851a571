-- These jobs of a block need not be sent.
create function jobport.unsend(of_block bigint, gone bit varying) returns void language plpgsql as $$
begin
  delete from jobport.unsent u where u.block = of_block and u.jobs & ~gone = jobport.no_bits();
  update jobport.unsent u set jobs = u.jobs & ~gone where u.block = of_block and u.jobs & gone <> jobport.no_bits();
end
$$;
