-- Jobs that are gone need not be sent.
create function jobport.forget_to_send() returns trigger language plpgsql as $$
begin
  perform jobport.unsend(g.block, g.jobs)
  from (select g.seq >> 8 as block, bit_or(jobport.bit_of(g.seq)) as jobs from gone g group by 1 order by 1) g
  where exists (select from jobport.unsent u where u.block = g.block and u.jobs & g.jobs <> jobport.no_bits());
  return null;
end
$$;
create trigger forget_to_send after delete on jobport.jobs referencing old table as gone for each statement execute function jobport.forget_to_send();
