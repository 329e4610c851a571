-- Jobs that are gone need not be sent.
create function jobport.forget_to_send() returns trigger language plpgsql as $$
begin
  delete from jobport.unsent u using gone g where u.seq = g.seq;
  return null;
end
$$;
create trigger forget_to_send after delete on jobport.jobs referencing old table as gone for each statement execute function jobport.forget_to_send();
