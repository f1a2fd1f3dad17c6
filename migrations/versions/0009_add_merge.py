"""add the merges of questions"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('merged_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('undone_at', UtcDateTime(), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['merged_by_id'], ['member.id'], name=op.f('fk_merge_merged_by_id')),
    sa.ForeignKeyConstraint(['source_id'], ['question.id'], name=op.f('fk_merge_source_id')),
    sa.ForeignKeyConstraint(['target_id'], ['question.id'], name=op.f('fk_merge_target_id')),
    sa.ForeignKeyConstraint(['undone_by_id'], ['member.id'], name=op.f('fk_merge_undone_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merge'))
    )
    op.create_index('ix_merge_merged_by_id', 'merge', ['merged_by_id'], unique=False)
    op.create_index('ix_merge_target_id', 'merge', ['target_id'], unique=False)
    op.create_index('ix_merge_undone_by_id', 'merge', ['undone_by_id'], unique=False)
    op.create_index('uq_merge_source_id', 'merge', ['source_id'], unique=True, sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))


    op.add_column('question', sa.Column('merged_at', UtcDateTime(), nullable=True))



def downgrade() -> None:

    op.drop_column('question', 'merged_at')


    op.drop_index('uq_merge_source_id', table_name='merge', sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))
    op.drop_index('ix_merge_undone_by_id', table_name='merge')
    op.drop_index('ix_merge_target_id', table_name='merge')
    op.drop_index('ix_merge_merged_by_id', table_name='merge')


    op.drop_table('merge')
