"""What the gateway's database role may do: put rows into the inbox, read the doors and the pages.

Every statement may be run again; none fails where the role does not exist.
"""

VIEW = """
CREATE OR REPLACE VIEW door AS
SELECT id, slug, settings, door_secrets, paused FROM connection WHERE id <> 'portal'
"""

RIGHTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rebook_gateway') THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM rebook_gateway;
        REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM rebook_gateway;
        REVOKE ALL ON SCHEMA public FROM rebook_gateway;
        GRANT USAGE ON SCHEMA public TO rebook_gateway;
        GRANT INSERT (connection, kind, dedupe_key, twin_key, sealed, received_at, attempts, fault)
            ON inbox TO rebook_gateway;
        GRANT USAGE ON SEQUENCE inbox_id_seq TO rebook_gateway;
        GRANT SELECT ON door, client_page, technician_page TO rebook_gateway;
    END IF;
END $$
"""

GRANTS: list[str] = [VIEW, RIGHTS]
