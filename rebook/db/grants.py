"""What the web doors' database roles may do.

The gateway puts rows into the inbox, reads the doors and the pages, and asks for callers. The office
reads the cases, adds decisions and audit entries, and keeps its sessions; it changes no case.

Every statement may be run again; none fails where the role does not exist.
"""

VIEW = """
CREATE OR REPLACE VIEW door AS
SELECT id, slug, settings, door_secrets, paused FROM connection WHERE id <> 'portal'
"""

ANSWERS = """
CREATE OR REPLACE VIEW ask_answered AS
SELECT secret_hash, answer FROM ask WHERE answer IS NOT NULL
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
        GRANT INSERT (connection, kind, secret_hash, sealed, asked_at) ON ask TO rebook_gateway;
        GRANT USAGE ON SEQUENCE ask_id_seq TO rebook_gateway;
        GRANT SELECT ON door, client_page, ask_answered, technician_page TO rebook_gateway;
    END IF;
END $$
"""

OFFICE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rebook_office') THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM rebook_office;
        REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM rebook_office;
        REVOKE ALL ON SCHEMA public FROM rebook_office;
        GRANT USAGE ON SCHEMA public TO rebook_office;
        GRANT SELECT ON cases, appointment, person, contactpoint, suppression, offer, offer_slot,
            hold, intent, reply, booking, sync_target, visit_report, audit, settingversion TO rebook_office;
        GRANT INSERT ON reply, audit TO rebook_office;
        GRANT SELECT, UPDATE (password_hash, one_time_until) ON staff_member TO rebook_office;
        GRANT SELECT, INSERT, UPDATE (seen_at, ended_at) ON staff_session TO rebook_office;
        GRANT SELECT, INSERT, DELETE ON sign_in_try TO rebook_office;
        GRANT USAGE ON SEQUENCE audit_id_seq, sign_in_try_id_seq TO rebook_office;
    END IF;
END $$
"""

GRANTS: list[str] = [VIEW, ANSWERS, RIGHTS, OFFICE]
