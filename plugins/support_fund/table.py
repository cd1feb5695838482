"""The list of applications that offices keep: its headings."""

from __future__ import annotations

from workflow import Import

APPLICATIONS = Import(
    action="apply",
    columns={
        "applicant": (
            "Tổ chức, cá nhân",
            "Tên tổ chức, cá nhân",
            "Tổ chức, cá nhân đề nghị",
            "Tổ chức, cá nhân đề nghị hỗ trợ",
            "Tên tổ chức, cá nhân đề nghị hỗ trợ",
            "Đơn vị đề nghị",
            "Đơn vị đề nghị hỗ trợ",
            "Tên đơn vị",
            "Tên doanh nghiệp",
            "Doanh nghiệp",
            "Doanh nghiệp, HTX",
            "Applicant",
        ),
        "head": ("Nội dung hỗ trợ", "Loại hỗ trợ", "Mục hỗ trợ", "Nhóm nội dung hỗ trợ", "Head"),
        "purpose": (
            "Nội dung đề nghị",
            "Nội dung đề nghị hỗ trợ",
            "Diễn giải",
            "Diễn giải nội dung",
            "Mục đích",
            "Purpose",
        ),
        "asked": (
            "Số tiền",
            "Số tiền đề nghị",
            "Số tiền đề nghị hỗ trợ",
            "Kinh phí đề nghị",
            "Kinh phí đề nghị hỗ trợ",
            "Mức đề nghị hỗ trợ",
            "Amount",
            "Amount asked for",
            "Sum",
        ),
        "in_words": ("Bằng chữ", "Số tiền bằng chữ", "Viết bằng chữ", "In words"),
        "on": ("Ngày nhận", "Ngày nhận hồ sơ", "Ngày tiếp nhận", "Ngày nộp", "Ngày đến", "Received on", "Received"),
    },
)
