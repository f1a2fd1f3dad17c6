"""add the LMS front door: LTI 1.3, and the grades it delivers"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lti_tool_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("follows", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retires_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_tool_key")),
        sa.UniqueConstraint("follows", name=op.f("uq_lti_tool_key_follows")),
        sa.UniqueConstraint("kid", name=op.f("uq_lti_tool_key_kid")),
    )
    op.create_table(
        "lti_platform",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("authorization_url", sa.Text(), nullable=False),
        sa.Column("token_url", sa.Text(), nullable=False),
        sa.Column("token_audience", sa.Text(), nullable=True),
        sa.Column("keys_url", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("trusts_administrators", sa.Boolean(), nullable=False),
        sa.Column("department_parameter", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lti_platform_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_platform")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_lti_platform_issuer_client_id")),
    )
    with op.batch_alter_table("lti_platform", schema=None) as batch_op:
        batch_op.create_index("ix_lti_platform_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "lti_role_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("becomes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lti_role_rule_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_role_rule")),
        sa.UniqueConstraint(
            "organization_id", "role", name=op.f("uq_lti_role_rule_organization_id_role")
        ),
    )
    op.create_table(
        "lti_deployment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lti_deployment_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_deployment_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_deployment")),
        sa.UniqueConstraint(
            "platform_id", "deployment_id", name=op.f("uq_lti_deployment_platform_id_deployment_id")
        ),
    )
    with op.batch_alter_table("lti_deployment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lti_deployment_organization_id", ["organization_id"], unique=False
        )

    op.create_table(
        "lti_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("platform_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lti_invitation_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_invitation_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lti_invitation_token_hash")),
    )
    with op.batch_alter_table("lti_invitation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lti_invitation_organization_id", ["organization_id"], unique=False
        )

    op.create_table(
        "lti_login",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("nonce_hash", sa.Text(), nullable=False),
        sa.Column("binding_hash", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("storage_target", sa.Text(), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_login_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_login")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_lti_login_state_hash")),
    )
    with op.batch_alter_table("lti_login", schema=None) as batch_op:
        batch_op.create_index("ix_lti_login_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "lti_origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lti_origin_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_origin_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_origin")),
        sa.UniqueConstraint(
            "organization_id", "origin", name=op.f("uq_lti_origin_organization_id_origin")
        ),
    )
    op.create_table(
        "lti_platform_keys",
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=True),
        sa.Column("tried_at", UtcDateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["lti_platform.id"],
            name=op.f("fk_lti_platform_keys_platform_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("platform_id", name=op.f("pk_lti_platform_keys")),
    )
    op.create_table(
        "lti_service_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["lti_platform.id"],
            name=op.f("fk_lti_service_token_platform_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_service_token")),
        sa.UniqueConstraint(
            "platform_id", "scopes", name=op.f("uq_lti_service_token_platform_id_scopes")
        ),
    )
    op.create_table(
        "grade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.Double(), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("given >= 0 AND maximum > 0", name=op.f("ck_grade_given_and_maximum")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_grade_member_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_grade_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint("member_id", "space_id", name=op.f("uq_grade_member_id_space_id")),
    )
    with op.batch_alter_table("grade", schema=None) as batch_op:
        batch_op.create_index("ix_grade_space_id", ["space_id"], unique=False)

    op.create_table(
        "lti_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("made_admin", sa.Boolean(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_lti_account_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lti_account_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["lti_platform.id"], name=op.f("fk_lti_account_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_account")),
        sa.UniqueConstraint(
            "platform_id",
            "organization_id",
            "subject",
            name=op.f("uq_lti_account_platform_id_organization_id_subject"),
        ),
    )
    with op.batch_alter_table("lti_account", schema=None) as batch_op:
        batch_op.create_index("ix_lti_account_member_id", ["member_id"], unique=False)

    op.create_table(
        "lti_context",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("copied_from_id", sa.Integer(), nullable=True),
        sa.Column("copy_decided_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("launched_at", UtcDateTime(), nullable=False),
        sa.Column("roster_url", sa.Text(), nullable=True),
        sa.Column("roster_due_at", UtcDateTime(), nullable=True),
        sa.Column("roster_read_at", UtcDateTime(), nullable=True),
        sa.Column("roster_failed_count", sa.Integer(), nullable=False),
        sa.Column("roster_error", sa.Text(), nullable=True),
        sa.Column("line_items_url", sa.Text(), nullable=True),
        sa.Column("grade_scopes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["lti_context.id"], name=op.f("fk_lti_context_copied_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_context_deployment_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_lti_context_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_context")),
        sa.UniqueConstraint(
            "deployment_id", "context_id", name=op.f("uq_lti_context_deployment_id_context_id")
        ),
    )
    with op.batch_alter_table("lti_context", schema=None) as batch_op:
        batch_op.create_index("ix_lti_context_space_id", ["space_id"], unique=False)

    op.create_table(
        "lti_launch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("platform_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_lti_launch_member_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lti_launch_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["lti_platform.id"],
            name=op.f("fk_lti_launch_platform_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_launch")),
    )
    with op.batch_alter_table("lti_launch", schema=None) as batch_op:
        batch_op.create_index("ix_lti_launch_at", ["at"], unique=False)
        batch_op.create_index(
            "ix_lti_launch_organization_id_at", ["organization_id", "at"], unique=False
        )

    op.create_table(
        "lti_enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["lti_account.id"], name=op.f("fk_lti_enrolment_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["context_id"], ["lti_context.id"], name=op.f("fk_lti_enrolment_context_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_enrolment")),
        sa.UniqueConstraint(
            "context_id", "account_id", name=op.f("uq_lti_enrolment_context_id_account_id")
        ),
    )
    with op.batch_alter_table("lti_enrolment", schema=None) as batch_op:
        batch_op.create_index("ix_lti_enrolment_account_id", ["account_id"], unique=False)

    op.create_table(
        "lti_line_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("switched_off_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("blocked_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["context_id"], ["lti_context.id"], name=op.f("fk_lti_line_item_context_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_line_item")),
        sa.UniqueConstraint("context_id", name=op.f("uq_lti_line_item_context_id")),
    )
    with op.batch_alter_table("lti_line_item", schema=None) as batch_op:
        batch_op.create_index("ix_lti_line_item_due_at", ["due_at"], unique=False)

    op.create_table(
        "lti_picking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=True),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("accepts_types", sa.JSON(), nullable=False),
        sa.Column("accepts_targets", sa.JSON(), nullable=False),
        sa.Column("accepts_several", sa.Boolean(), nullable=False),
        sa.Column("accepts_line_item", sa.Boolean(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["lti_context.id"], name=op.f("fk_lti_picking_context_id")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["lti_deployment.id"], name=op.f("fk_lti_picking_deployment_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_lti_picking_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_picking")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_lti_picking_key_hash")),
    )
    with op.batch_alter_table("lti_picking", schema=None) as batch_op:
        batch_op.create_index("ix_lti_picking_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "lti_grade_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("given", sa.Double(), nullable=True),
        sa.Column("maximum", sa.Double(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("score_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["lti_account.id"], name=op.f("fk_lti_grade_delivery_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_item_id"], ["lti_line_item.id"], name=op.f("fk_lti_grade_delivery_line_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_grade_delivery")),
        sa.UniqueConstraint(
            "line_item_id", "account_id", name=op.f("uq_lti_grade_delivery_line_item_id_account_id")
        ),
    )
    with op.batch_alter_table("lti_grade_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_lti_grade_delivery_account_id", ["account_id"], unique=False)
        batch_op.create_index(
            "ix_lti_grade_delivery_line_item_id_due_at", ["line_item_id", "due_at"], unique=False
        )

    op.create_table(
        "lti_placement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("placed_by_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["lti_context.id"], name=op.f("fk_lti_placement_context_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lti_placement_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by_id"], ["member.id"], name=op.f("fk_lti_placement_placed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_lti_placement_question_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_lti_placement_space_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_lti_placement_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_placement")),
        sa.UniqueConstraint("key", name=op.f("uq_lti_placement_key")),
    )
    with op.batch_alter_table("lti_placement", schema=None) as batch_op:
        batch_op.create_index("ix_lti_placement_link_id", ["link_id"], unique=False)
        batch_op.create_index("ix_lti_placement_organization_id", ["organization_id"], unique=False)

    # ### end Alembic commands ###


def downgrade() -> None:
    for table in (
        "lti_placement",
        "lti_grade_delivery",
        "lti_picking",
        "lti_line_item",
        "lti_enrolment",
        "lti_launch",
        "lti_context",
        "lti_account",
        "grade",
        "lti_service_token",
        "lti_platform_keys",
        "lti_origin",
        "lti_login",
        "lti_invitation",
        "lti_deployment",
        "lti_role_rule",
        "lti_platform",
        "lti_tool_key",
    ):
        op.drop_table(table)
